from . import archive, become, download, portal, rpc, vcard
