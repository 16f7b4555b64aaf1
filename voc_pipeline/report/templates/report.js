"use strict";
(() => {
{% include "script/elements.js" %}

{% include "script/study.js" %}

{% include "script/words.js" %}

{% include "script/quotes.js" %}

{% include "script/filters.js" %}

{% include "script/drawer.js" %}

{% include "script/search.js" %}

{% include "script/tabs.js" %}

{% include "script/cells.js" %}

{% include "script/page.js" %}

})();
