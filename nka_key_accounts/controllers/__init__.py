from . import mail, portal, vcard
