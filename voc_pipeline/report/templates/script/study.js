// The study's quotes and turns stand once in the page, as data; read when first asked for.
const aQuote = (raw) => ([id, theme, person, said, source, asked, place, ...span]) => {
  const [name, segments] = raw.people[person];
  const [sentiment, ...remarks] = raw.shared[said];
  const [file, turn, time, recording] = raw.shared[source];
  const own = place < 0 ? span[0] : raw.turns[place][2];
  const [start, end] = place < 0 ? [0, Infinity] : span;
  return {
    id, theme: raw.themes[theme], person: name, segments, sentiment, remarks, file, turn, time, recording,
    prompted: asked === 1, key: place < 0 ? "" : raw.turns[place][0], parts: own, start, end,
  };
};
const unpack = (raw) => {
  const quotes = raw.quotes.map(aQuote(raw));
  return {
    quotes,
    themes: raw.themes,
    sets: new Map(Object.entries(raw.sets)),
    quoteById: new Map(quotes.map((quote) => [quote.id, quote])),
    turnByKey: new Map(raw.turns.map(([key, speaker, parts]) => [key, { key, speaker, parts }])),
  };
};
let known;
const study = () => {
  known ??= unpack(JSON.parse(document.getElementById("data").textContent));
  return known;
};

// Turns t3-15 to t3-19 around t3-17, as far as the page carries them.
const CONTEXT_TURNS = 2;
const around = (key) => {
  const [transcript, number] = key.split("-");
  const found = [];
  for (let step = -CONTEXT_TURNS; step <= CONTEXT_TURNS; step += 1) {
    const turn = study().turnByKey.get(`${transcript}-${Number(number) + step}`);
    if (turn) found.push({ ...turn, number: Number(number) + step, own: step === 0 });
  }
  return found;
};
