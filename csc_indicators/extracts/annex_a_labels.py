"""What the cells of Annex A may say, and which code of the returns each stands for.

Annex A asks for labels with a letter before them (`a) Neglect`), or a code and its label (`N1 - Abuse or neglect`), and
case systems write the code alone, the label alone or something near it. The codes and their labels are those of `codes`
and `looked_after_codes`; what stands here besides are the letters of the template, the template's own wording where it
differs, and other known ways of saying the same. What none of them is, is not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from csc_indicators import codes, looked_after_codes
from csc_indicators.code_set import CodeSet

NOT_STATED = ""
"""What a cell is read as that says, in a known way, that nothing is recorded: missing, and nothing to report."""

YES, NO = codes.TRUE_TEXTS[0], codes.FALSE_TEXTS[0]

LETTERED = re.compile(r"^([a-z]{1,2})\)\s*(.*)$", re.DOTALL)
CODED = re.compile(r"^([a-z0-9]+)\s*[:.=)\u2010-\u2015-]")
CODED_BY_SPACE = re.compile(r"^([a-z]{1,3}\d+[a-z]?|\d+[a-z])\s")
"""A code of letters and digits cannot be a word, so that a space after it is enough to tell it."""
QUOTES = re.compile("['\"`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00b4]")
NO_WORD = re.compile(r"[^a-z0-9+]+")


def plain(text: str) -> str:
    """A text without what differs from one writer to the next: letter case, quotation marks, brackets and spacing.

    >>> plain(" Child\u2019s  Legal Status (Y/N))")
    'childs legal status y n'
    """
    flat = unicodedata.normalize("NFKC", text).lower().replace("&", " and ")
    return NO_WORD.sub(" ", QUOTES.sub("", flat)).strip()


@dataclass(frozen=True)
class Labels:
    """How the cells of a column are understood.

    `codes` are the codes and their labels. `letters` are the codes in the order of the template's `a)`, `b)` and so on;
    `synonyms` are further wordings by code, `unsaid` the wordings that say that nothing is recorded.
    """

    codes: Mapping[str, str]
    letters: tuple[str, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    unsaid: tuple[str, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """Every wording of every code: the code, its label, both together, and the synonyms."""
        names = {plain(text): NOT_STATED for text in self.unsaid}
        for code, label in self.codes.items():
            wordings = (code, label, f"{code} {label}", *self.synonyms.get(code, ()))
            names |= {plain(text): code for text in wordings}
        return names

    @cached_property
    def _by_letter(self) -> dict[str, str]:
        return dict(zip(chain("abcdefghijklmnopqrstuvwxyz", ("zz",)), self.letters, strict=False))

    def code_of(self, text: str) -> str | None:
        """The code that a cell stands for, `NOT_STATED` when it says that nothing is recorded, None when unknown.

        What follows a letter says more than the letter: templates give one letter to two things.

        >>> LABELS["category_of_abuse"].code_of("a) Neglect"), LABELS["ethnicity"].code_of("s) NOBT")
        ('NEG', 'NOBT')
        >>> LABELS["referral_source"].code_of("p) 5C: LA services"), LABELS["yes_no"].code_of("perhaps")
        ('5C', None)
        """
        said = unicodedata.normalize("NFKC", text).strip().lower()
        lettered = LETTERED.match(said)
        letter, rest = (lettered[1], lettered[2]) if lettered else (None, said)
        name = plain(rest)
        if (name or not letter) and name in self._by_name:
            return self._by_name[name]
        leading = CODED.match(rest) or CODED_BY_SPACE.match(rest)
        if leading and leading[1].upper() in self.codes:
            return leading[1].upper()
        return self._by_letter.get(letter) if letter else None


def _of(code_set: CodeSet, *letters: str, unsaid: tuple[str, ...] = (), **synonyms: tuple[str, ...]) -> Labels:
    """The labels of a code set of the returns; a synonym's keyword is the code, `_1A` for 1A."""
    return Labels(code_set.labels, letters, {code.lstrip("_"): texts for code, texts in synonyms.items()}, unsaid)


UNKNOWN = ("Unknown", "Not known", "Not recorded", "Not stated", "Not stated/recorded", "N/A", "Not applicable", "-")

ELIGIBILITY = CodeSet(
    "eligibility",
    {
        "RELEVANT": "Relevant child",
        "FORMER_RELEVANT": "Former relevant child",
        "QUALIFYING": "Qualifying care leaver",
        "ELIGIBLE": "Eligible child",
        "OTHER": "Other",
    },
)
"""What a care leaver is entitled by."""

LATEST_IN_TOUCH = CodeSet(
    "latest_in_touch",
    {**looked_after_codes.IN_TOUCH.labels, "EXCLUDE": "Left out: died, or returned home for six months or more"},
)
"""Whether an authority is in touch with a care leaver on the day of the extract."""

LATEST_ACCOMMODATION = CodeSet(
    "latest_accommodation",
    {
        code[0]: label.rpartition(",")[0]
        for code, label in looked_after_codes.ACCOMMODATION.labels.items()
        if code in looked_after_codes.SUITABLE
    },
)
"""Where a care leaver lives: the first letter of the return's code, whose second part Annex A asks for on its own."""

SUITABILITY = CodeSet(
    "suitability",
    {
        "SUITABLE": "Suitable",
        "UNSUITABLE": "Unsuitable",
        "NOT_KNOWN": "Not in touch or not recorded",
        "EXCLUDE": "Left out",
    },
)

CASE_STATUS = CodeSet(
    "case_status",
    {
        "LOOKED_AFTER": "Looked after child",
        "PROTECTION_PLAN": "Child protection plan",
        "NEED_PLAN": "Child in need plan",
        "ASSESSMENT": "Open assessment",
        "CLOSED": "Closed episode",
    },
)
CASE_CLOSED = "CLOSED"

CARE_LEAVER_CODE_SETS = (ELIGIBILITY, LATEST_IN_TOUCH, LATEST_ACCOMMODATION, SUITABILITY)
"""Code sets that only the list of care leavers has."""

LABELS: Mapping[str, Labels] = {
    "yes_no": Labels({YES: "Yes", NO: "No"}, (YES, NO, NOT_STATED), {YES: ("Y", "True"), NO: ("N", "False")}, UNKNOWN),
    "sex": _of(
        codes.SEX,
        *("M", "F", "U", "U"),
        M=("Boy",),
        F=("Girl",),
        U=("Neither", "Indeterminate", "Unborn", "Other", *UNKNOWN[:5]),
    ),
    "ethnicity": _of(
        codes.ETHNICITY,
        *("WBRI", "WIRI", "WIRT", "WOTH", "WROM", "MWBC", "MWBA", "MWAS", "MOTH"),
        *("AIND", "APKN", "ABAN", "AOTH", "BCRB", "BAFR", "BOTH", "CHNE", "OOTH"),
        WBRI=("White - British", "British"),
        WIRI=("White - Irish", "Irish"),
        WIRT=("Traveller of Irish heritage (White)", "White - Traveller of Irish heritage", "Irish Traveller"),
        WROM=("Gypsy/Roma", "White - Gypsy/Roma", "Gypsy", "Roma"),
        WOTH=("White - Any other White background", "Other White", "White Other"),
        MWBC=("Mixed - White and Black Caribbean", "White & Black Caribbean"),
        MWBA=("Mixed - White and Black African", "White & Black African"),
        MWAS=("Mixed - White and Asian", "White & Asian"),
        MOTH=(
            "Mixed - Any other Mixed background",
            "Any other mixed/multiple background",
            "Other Mixed",
            "Mixed Other",
        ),
        AIND=("Asian - Indian", "Asian or Asian British - Indian"),
        APKN=("Asian - Pakistani", "Asian or Asian British - Pakistani"),
        ABAN=("Asian - Bangladeshi", "Asian or Asian British - Bangladeshi"),
        CHNE=("Asian - Chinese", "Asian or Asian British - Chinese"),
        AOTH=("Asian - Any other Asian background", "Other Asian", "Asian Other"),
        BCRB=("Black Caribbean", "Black - Caribbean", "Black or Black British - Caribbean"),
        BAFR=("Black African", "Black - African", "Black or Black British - African"),
        BOTH=("Black - Any other Black background", "Other Black", "Black Other"),
        OOTH=("Other", "Other ethnic group"),
        REFU=("Did not wish to be recorded", "Information refused"),
        NOBT=("Not obtained", "Not yet obtained", *UNKNOWN[:4]),
    ),
    "referral_source": _of(
        codes.REFERRAL_SOURCE,
        *("1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F"),
        *("4", "5A", "5B", "5C", "6", "7", "8", "9", "10"),
        _1A=("Individual - family member, relative or carer", "Family member/relative/carer"),
        _1B=("Individual - acquaintance (including neighbours and child minders)",),
        _1C=("Individual - self",),
        _1D=("Individual - other (including strangers)", "Individual - other"),
        _2A=("School",),
        _3A=("Health services - general practitioner (GP)", "GP"),
        _3B=("Health services - health visitor",),
        _3C=("Health services - school nurse",),
        _3D=("Health services - other primary health services",),
        _3E=("Health services - A&E (accident and emergency department)", "A&E"),
        _3F=("Health services - other (for example hospice)", "Health services - other"),
        _4=("Housing - local authority housing or housing association",),
        _5A=("LA services - social care", "LA services - social care for example adults social care services"),
        _5B=("LA services - other internal",),
        _5C=("LA services - external",),
        _5D=("LA services - early help", "Early help"),
        _7=("Courts", "Probation", "CAFCASS"),
    ),
    "primary_need": _of(
        codes.PRIMARY_NEED,
        N1=("Abuse, neglect and exploitation", "Abuse/neglect"),
        N2=("Child's disability",),
        N3=("Parent's disability or illness", "Parental illness or disability"),
        N4=("Family acute stress",),
        N9=("Cases other than child in need",),
    ),
    "closure_reason": _of(
        codes.CLOSURE_REASON,
        RC1=("Adopted",),
        RC2=("Death",),
        RC3=("Residence order",),
        RC4=("SGO",),
        RC5=("Transferred to services of another local authority", "Transferred to another LA"),
        RC6=("Transferred to adult social care services",),
        RC7=("Services ceased for any other reason, including child no longer in need", "No longer in need"),
        RC8=("Case closed after assessment, no further action", "No further action", "NFA"),
        RC9=("Case closed after assessment, referred to early help",),
    ),
    "category_of_abuse": _of(
        codes.CATEGORY_OF_ABUSE,
        *("NEG", "PHY", "SAB", "EMO", "MUL"),
        PHY=("Physical",),
        SAB=("Sexual",),
        EMO=("Emotional",),
        MUL=("Multiple/not recommended", "Multiple categories"),
    ),
    "case_status": _of(CASE_STATUS, *CASE_STATUS.codes, LOOKED_AFTER=("LAC", "CLA"), CLOSED=("Closed",)),
    "legal_status": _of(
        looked_after_codes.LEGAL_STATUS,
        C1=("ICO",),
        C2=("FCO", "Care order"),
        E1=("Placement order granted",),
        V2=("Single period under S20", "Single period of accommodation under section 20", "S20", "Section 20"),
        L1=("Police protection LA accommodation", "Under police protection and in local authority accommodation"),
        L2=("EPO",),
        L3=("Child assessment order LA accommodation",),
        J1=("Remanded to LA or youth detention", "Remanded to local authority accommodation or youth detention"),
        J2=("LA accommodation under PACE", "PACE"),
        J3=("Youth rehabilitation order",),
        V3=("Short term breaks, episodes recorded",),
        V4=("Short term breaks, agreements recorded",),
    ),
    "reason_ceased": _of(
        looked_after_codes.REASON_CEASED,
        *("E11", "E12", "E2", "E3", "E4A", "E4B", "E13", "E41", "E45", "E46", "E47", "E48"),
        *("E5", "E6", "E7", "E9", "E14", "E15", "E16", "E8", "X1", "E17"),
        E11=("Adopted - application unopposed",),
        E12=("Adopted - consent dispensed", "Adopted - consent dispensed with by the court"),
        E3=("Care taken by another LA", "Care taken over by another local authority"),
        E4A=("Returned home to live with parents or relatives - part of planning",),
        E4B=("Returned home to live with parents or relatives - not part of planning",),
        E13=("Parents, relatives or other with no parental responsibility",),
        E41=("Residence order granted", "Child arrangements order"),
        E45=("Special guardianship orders - former carer relative/friend",),
        E46=("Special guardianship orders - former carer other",),
        E47=("Special guardianship orders - relative/friend",),
        E48=("Special guardianship orders - other",),
        E5=("Moved into independent living - supported",),
        E6=("Moved into independent living - no support",),
        E7=("Transferred to residential care funded by adult social services",),
        E15=("Age assessment determined child was 18 or over",),
        E16=("Child moved abroad",),
        E8=("Care ceased for any other reason",),
        E17=("Aged 18+ and remained with current carers",),
    ),
    "placement": _of(
        looked_after_codes.PLACEMENT,
        *("U1", "U2", "U3", "U4", "U5", "U6", "A3", "A4", "A5", "A6", "P1", "P2", "P3", "H5"),
        *("K1", "K2", "R1", "R2", "R3", "R5", "S1", "Z1", "T0", "T1", "T2", "T3", "T4"),
        U1=("Foster placement - relatives - long term", "Foster placement - relative - long term"),
        U2=("Foster placement - relative - FFA",),
        U3=("Foster placement - relative - not FFA",),
        U4=("Foster placement - long term",),
        U5=("Foster placement - FFA",),
        U6=("Foster placement - not FFA",),
        A3=("Placed for adoption - consent - current foster",),
        A4=("Placed for adoption - consent - not foster",),
        A5=("Placed for adoption - order - foster",),
        A6=("Placed for adoption - order - not foster",),
        P1=("Placed with parents",),
        H5=("Residential accommodation",),
        K1=("Secure children's homes",),
        K2=("Children's homes",),
        K3=("Supported accommodation",),
        R2=("NHS/Health Trust",),
        R5=("Young offender institution",),
        Z1=("Other placements",),
        T0=("Temporary placement",),
        T1=("Temporary placement - hospital",),
        T2=("Temporary placement - holiday",),
        T3=("Temporary placement - carer holiday",),
        T4=("Temporary placement - seven days or less",),
    ),
    "placement_provider": _of(
        looked_after_codes.PLACEMENT_PROVIDER,
        *looked_after_codes.PLACEMENT_PROVIDER.codes,
        PR0=("Parents/parental responsibility", "Parents or other person with parental responsibility"),
        PR1=("Own provision", "Own provision by the LA"),
        PR2=("Other LA provision",),
        PR3=("Other public provision",),
        PR4=("Private provision",),
        PR5=("Voluntary/third sector", "Voluntary/third sector provision"),
    ),
    "eligibility": _of(
        ELIGIBILITY,
        *ELIGIBILITY.codes,
        RELEVANT=("Relevant",),
        FORMER_RELEVANT=("Former relevant",),
        QUALIFYING=("Qualifying", "Qualifying child"),
        ELIGIBLE=("Eligible",),
    ),
    "latest_in_touch": _of(
        LATEST_IN_TOUCH,
        *looked_after_codes.IN_TOUCH.codes,
        YES=("Y", "Contact"),
        NO=("N", "No contact"),
        REFU=("Refused",),
        RHOM=("Returned home",),
        EXCLUDE=("Excluded",),
        unsaid=UNKNOWN,
    ),
    "latest_accommodation": _of(
        LATEST_ACCOMMODATION,
        *"BCDEGHKRSTUVWXZY",
        B=("Parents/relatives", "Parents or relatives"),
        C=("Community home/residential care", "Community home or other form of residential care"),
        D=("Semi-independent, transitional accommodation and self-contained accommodation",),
        G=("Abroad",),
        K=("Ordinary lodgings, without formal support",),
        R=("Unknown", "Not known"),
        S=("No fixed abode/homeless", "Homeless"),
        T=("Foyers and similar supported accommodation", "Foyers"),
        V=("Emergency",),
        W=("B&B",),
        X=("Custody",),
        Y=("Other accommodation",),
        Z=("Former foster carers", "Staying put"),
    ),
    "suitability": _of(
        SUITABILITY,
        *("SUITABLE", "UNSUITABLE"),
        UNSUITABLE=("Not suitable",),
        NOT_KNOWN=UNKNOWN,
        EXCLUDE=("Excluded",),
    ),
    "activity": _of(
        looked_after_codes.ACTIVITY,
        F1=("Full time in higher education",),
        P1=("Part time in higher education",),
        F2=("Full time in education other than higher education", "Full time in education other than higher"),
        P2=("Part time in education other than higher education", "Part time in education other than higher"),
        F3=("Full time in training or employment",),
        P3=("Part time in training or employment",),
        F4=("Full time in an apprenticeship",),
        P4=("Part time in an apprenticeship",),
        F5=("Full time in training or employment (not apprenticeship)",),
        P5=("Part time in training or employment (not apprenticeship)",),
        G4=("NEET - illness or disability",),
        G5=("NEET - other",),
        G6=("NEET - pregnancy or parenting",),
        unsaid=UNKNOWN,
    ),
}
"""Every list of labels by name."""
