"""How each OCPP version says it: fact → message, message → command. (`chargepoint.dialects.dialect`)"""
