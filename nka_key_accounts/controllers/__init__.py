from . import archive, portal, rpc, vcard
