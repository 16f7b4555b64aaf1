"""English in all its forms is never refused; another language is, by its name."""

from __future__ import annotations

import pytest

from voc_pipeline.ingest.languages import ForeignLanguageError, language_of, refuse_foreign

FOREIGN = {
    "de": "Also wir haben das Gerät seit drei Jahren im Labor und eigentlich sind wir zufrieden, aber der Service ist "
    "wirklich langsam und teuer.",
    "fr": "Nous avons acheté la machine il y a deux ans, le service client est excellent mais les pièces détachées "
    "arrivent toujours en retard.",
    "es": "Bueno, la verdad es que el equipo funciona bien pero el soporte técnico tarda muchísimo en contestar y eso "
    "nos cuesta dinero.",
    "nl": "We gebruiken het apparaat nu drie jaar en eigenlijk zijn we tevreden, maar de service is echt traag en duur "
    "geworden.",
    "pl": "No więc mamy ten aparat od trzech lat i w sumie jesteśmy zadowoleni, ale serwis jest naprawdę powolny i "
    "drogi, no i czekamy długo.",
    "sv": "Vi har haft instrumentet i tre år och vi är nöjda men servicen är långsam och dyr och vi väntar ofta i "
    "flera veckor.",
    "zh": "我们三年前买了这台仪器。总的来说还不错。但是售后服务太慢了。每次都要等好几个星期。而且价格很贵。",
    "ja": "この装置は三年前に購入しました。全体的には満足していますが、サポートの対応が遅くて困っています。",
    "ar": "اشترينا الجهاز قبل ثلاث سنوات ونحن راضون عنه بشكل عام لكن خدمة الصيانة بطيئة جدا ومكلفة ونحن ننتظر أسابيع "
    "طويلة كل مرة",
}
GERMAN_WITH_ENGLISH_WORDS = (
    "Wir haben das Update im Q3 gemacht, das Onboarding war okay, aber der Support und das Dashboard sind für unser "
    "Team ein No-Go, echt."
)
ENGLISH = {
    "recognised with errors": "uh yeah so like um the the machine it it was uh you know broke and and we call the the "
    "service they no come for two week i i dont know why um yeah",
    "not a native speaker": "Since three years we are using this machine, and the service is not so good how we was "
    "expecting, the people they come always too late, informations we don't get.",
    "Singapore": "Wah this machine quite steady lah, but the service cannot make it one, call already also never "
    "come, how can like that, boss very angry leh.",
    "Nigeria": "Dis machine na wa o, e dey spoil every time, we don call the people dem no gree come, wetin we go do "
    "now, the work just dey wait for us since.",
    "upper case": "WE BOUGHT IT LAST YEAR AND THE SERVICE IS SLOW AND I AM NOT HAPPY WITH IT AT ALL BECAUSE IT BREAKS",
    "products": "Agilent Infinity LC-MS, Waters Xevo TQ-XS, Sciex 7500, Thermo Orbitrap Exploris, Bruker timsTOF, "
    "Shimadzu Nexera, Roche cobas pro e801, Abbott Alinity, Siemens Atellica, Beckman DxI",
    "units": "10 mL, 20 uL, pH 7.4, PBS, DMEM, RPMI, FBS, EDTA, Tris HCl, NaCl, SDS PAGE, GAPDH, IL6, TNF alpha, CD4, "
    "CD8, qPCR, ELISA, HPLC, UPLC",
    "half German": "Also the machine ist gut, aber the service, ja, the service is not good, we wait and wait, und "
    "dann kommt keiner, that is the problem for us.",
    "latin names": "Staphylococcus aureus, Escherichia coli, Pseudomonas aeruginosa, Klebsiella pneumoniae, Candida "
    "albicans, Enterococcus faecalis, Streptococcus pyogenes, Acinetobacter baumannii, Aspergillus fumigatus, Listeria",
    "short German": "Ja, genau, das ist richtig.",
    "nothing": "",
    "noise": "hm " * 60,
    "numbers": "12 14 16.5 18 " * 30,
}  # fmt: skip


@pytest.mark.parametrize("language", FOREIGN)
def test_another_language_is_found(language: str) -> None:
    assert language_of(FOREIGN[language]) == language


def test_words_of_the_trade_make_no_german_english() -> None:
    assert language_of(GERMAN_WITH_ENGLISH_WORDS) == "de"


@pytest.mark.parametrize("form", ENGLISH)
def test_what_may_be_english_is_english(form: str) -> None:
    assert language_of(ENGLISH[form]) == "en"
    refuse_foreign(ENGLISH[form])


def test_the_reason_names_the_language_and_the_way_out() -> None:
    with pytest.raises(ForeignLanguageError) as caught:
        refuse_foreign(FOREIGN["de"], where="a.txt")
    error = caught.value
    assert (error.what, error.where) == ("the interview is in German (de), only English is coded", "a.txt")
    assert "language: en" in error.hint
    assert error.language == "de"
    assert "Gerät" not in str(error)


def test_a_language_without_a_name_here_goes_by_its_code() -> None:
    assert ForeignLanguageError("xh").what == "the interview is in another language (xh), only English is coded"
