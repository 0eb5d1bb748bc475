from . import archive, download, portal, rpc, vcard
