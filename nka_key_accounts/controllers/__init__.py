from . import archive, become, download, mail, portal, rpc, vcard, voice
