from . import portal, vcard
