"""The items of two reporting guidelines for qualitative research, in our own short words.

Tong, A., Sainsbury, P. & Craig, J. (2007). Consolidated criteria for reporting qualitative research (COREQ): a 32-item
checklist for interviews and focus groups. International Journal for Quality in Health Care 19(6), 349-357.
O'Brien, B. C., Harris, I. B., Beckman, T. J., Reed, D. A. & Cook, D. A. (2014). Standards for reporting qualitative
research: a synthesis of recommendations. Academic Medicine 89(9), 1245-1251.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COREQ_SOURCE = (
    "Tong, Sainsbury and Craig 2007, International Journal for Quality in Health Care 19(6), 349\N{EN DASH}357; items "
    "in our words"
)
SRQR_SOURCE = (
    "O'Brien, Harris, Beckman, Reed and Cook 2014, Academic Medicine 89(9), 1245\N{EN DASH}1251; items in our words"
)

COREQ: Mapping[str, str] = {
    "1": "Who held the interviews",
    "2": "The interviewers' and analysts' degrees",
    "3": "Their occupation at the time of the study",
    "4": "Their gender",
    "5": "Their experience or training in interviewing",
    "6": "Whether they knew the participants before the study began",
    "7": "What participants knew of the interviewer: reasons and goals",
    "8": "What was told of the interviewer: interests, possible bias",
    "9": "The methodological orientation behind the study",
    "10": "How participants were selected",
    "11": "How participants were approached",
    "12": "How many participants there were",
    "13": "How many declined or dropped out, and why",
    "14": "Where the data were collected",
    "15": "Whether anyone else was present",
    "16": "Who the participants are: the important characteristics of the sample",
    "17": "The questions or guide of the interviews, and whether it was tried out",
    "18": "Whether interviews were repeated, and how many",
    "19": "Whether sound or picture was recorded",
    "20": "Whether notes were taken during or after the interviews",
    "21": "How long the interviews lasted",
    "22": "Whether data saturation was discussed",
    "23": "Whether transcripts went back to participants for comment",
    "24": "How many coders coded the data",
    "25": "The coding tree",
    "26": "Whether themes were fixed beforehand or drawn from the data",
    "27": "The software used",
    "28": "Whether participants gave feedback on the findings",
    "29": "Quotations that illustrate the themes, each with its participant",
    "30": "Whether data and findings agree",
    "31": "Whether major themes stand out clearly",
    "32": "Whether diverse cases and minor themes are discussed",
}

SRQR: Mapping[str, str] = {
    "S1": "Title: what was studied, and that the study is qualitative",
    "S2": "Abstract: background, purpose, methods, results, conclusions",
    "S3": "The problem, why it matters, what theory and earlier work say",
    "S4": "Purpose of the study and its questions",
    "S5": "The qualitative approach and paradigm, with the reasons for it",
    "S6": "The researchers: what in them may bear on the study",
    "S7": "The setting, and what in it matters",
    "S8": "How and why participants were sampled, and when sampling stopped",
    "S9": "Ethical review, consent, confidentiality",
    "S10": "What data were collected, how and when",
    "S11": "Instruments and devices: guides, recorders, how they changed",
    "S12": "Units of study: number and characteristics of participants and documents",
    "S13": "How data were processed: transcription, security, de-identification",
    "S14": "How data were analysed: how themes came about, who took part",
    "S15": "What was done to make the analysis trustworthy",
    "S16": "Main findings: interpretations, themes",
    "S17": "Evidence: quotes and extracts that support the findings",
    "S18": "How findings meet earlier work; what they add, where they carry over",
    "S19": "Limitations: how far the findings can be trusted",
    "S20": "Conflicts of interest, and how they were managed",
    "S21": "Funding, and the funder's part in the study",
}
