from . import become, portal, vcard
