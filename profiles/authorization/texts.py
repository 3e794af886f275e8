"""What a display tells the driver: in a language of his, else in English (C01.FR.08, C01.FR.09, C01.FR.12, C01.FR.13)."""

from chargepoint.station.token import TokenInfo

FALLBACK = "en"

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "Ready": "You may charge.",
        "PlugIn": "Please connect your vehicle.",
        "Stopped": "Charging is stopped.",
        "NotPluggedIn": "No vehicle was connected in time.",
        "Busy": "No charging point is free.",
        "Wait": "Too many wrong codes. Please wait.",
        "Refused": "You cannot charge with this card or code.",
        "Blocked": "This card is blocked.",
        "ConcurrentTx": "This card is in use at another charging point.",
        "Expired": "This card has expired.",
        "NoCredit": "There is not enough credit.",
        "NotAllowedTypeEVSE": "This card is not meant for this kind of charging point.",
        "NotAtThisLocation": "You cannot charge with this card here.",
        "NotAtThisTime": "You cannot charge with this card now.",
    },
    "de": {
        "Ready": "Sie können laden.",
        "PlugIn": "Bitte schließen Sie Ihr Fahrzeug an.",
        "Stopped": "Der Ladevorgang ist beendet.",
        "NotPluggedIn": "Es wurde nicht rechtzeitig ein Fahrzeug angeschlossen.",
        "Busy": "Kein Ladepunkt ist frei.",
        "Wait": "Zu viele falsche Codes. Bitte warten Sie.",
        "Refused": "Mit dieser Karte oder diesem Code können Sie nicht laden.",
        "Blocked": "Diese Karte ist gesperrt.",
        "ConcurrentTx": "Diese Karte wird an einem anderen Ladepunkt verwendet.",
        "Expired": "Diese Karte ist abgelaufen.",
        "NoCredit": "Das Guthaben reicht nicht aus.",
        "NotAllowedTypeEVSE": "Diese Karte gilt nicht für diese Art von Ladepunkt.",
        "NotAtThisLocation": "Mit dieser Karte können Sie hier nicht laden.",
        "NotAtThisTime": "Mit dieser Karte können Sie jetzt nicht laden.",
    },
    "fr": {
        "Ready": "Vous pouvez charger.",
        "PlugIn": "Veuillez brancher votre véhicule.",
        "Stopped": "La charge est terminée.",
        "NotPluggedIn": "Aucun véhicule n'a été branché à temps.",
        "Busy": "Aucun point de charge n'est libre.",
        "Wait": "Trop de codes erronés. Veuillez patienter.",
        "Refused": "Cette carte ou ce code ne permet pas de charger.",
        "Blocked": "Cette carte est bloquée.",
        "ConcurrentTx": "Cette carte est utilisée à un autre point de charge.",
        "Expired": "Cette carte a expiré.",
        "NoCredit": "Le crédit est insuffisant.",
        "NotAllowedTypeEVSE": "Cette carte n'est pas valable pour ce type de point de charge.",
        "NotAtThisLocation": "Cette carte n'est pas acceptée ici.",
        "NotAtThisTime": "Cette carte n'est pas acceptée en ce moment.",
    },
    "nl": {
        "Ready": "U kunt laden.",
        "PlugIn": "Sluit uw voertuig aan.",
        "Stopped": "Het laden is gestopt.",
        "NotPluggedIn": "Er is niet op tijd een voertuig aangesloten.",
        "Busy": "Er is geen laadpunt vrij.",
        "Wait": "Te veel foute codes. Even geduld.",
        "Refused": "Met deze pas of code kunt u niet laden.",
        "Blocked": "Deze pas is geblokkeerd.",
        "ConcurrentTx": "Deze pas is in gebruik bij een ander laadpunt.",
        "Expired": "Deze pas is verlopen.",
        "NoCredit": "Er is onvoldoende tegoed.",
        "NotAllowedTypeEVSE": "Deze pas is niet bedoeld voor dit soort laadpunt.",
        "NotAtThisLocation": "Met deze pas kunt u hier niet laden.",
        "NotAtThisTime": "Met deze pas kunt u nu niet laden.",
    },
}
"""By primary language subtag, then by occasion; refusals have the name of their status."""


def language_of(info: TokenInfo | None) -> str:
    """The language to address a driver in: the first of his that there are texts in."""
    if info is not None:
        for wanted in (info.language, info.second_language):
            primary = (wanted or "").partition("-")[0].casefold()  # RFC 5646 primary subtag, any region (C01.FR.17)
            if primary in TEXTS:
                return primary
    return FALLBACK


def text(occasion: str, language: str) -> str:
    """The text for an occasion; a refusal of which there is nothing more to say is Refused."""
    texts = TEXTS[language]
    return texts.get(occasion, texts["Refused"])
