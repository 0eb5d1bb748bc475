"""Clients become companies, with their industry, country and parent company."""


def client_name(key):
    """Return the external name of a client."""
    return f"client_{key}"


def load_clients(external_ids, folder):
    """Create the clients, parents before subsidiaries.

    :return: ``{client external name: res.partner id}``
    """
    industries = _load_industries(external_ids, folder)
    waiting, loaded = dict(folder.clients), {}
    while waiting:
        ready = [
            client
            for client in waiting.values()
            if not client.parent_key or client_name(client.parent_key) in loaded
        ]
        values = {
            client_name(client.key): _prepare_client(
                external_ids.env, client, industries, loaded
            )
            for client in ready
        }
        external_ids.load("res.partner", values)
        loaded = external_ids.ids("res.partner")
        for client in ready:
            del waiting[client.key]
    return loaded


def _load_industries(external_ids, folder):
    """Return ``{sector: res.partner.industry id}``.

    An industry that has the sector's name already is taken over.
    """
    names = {
        client.sector: f"sector_{client.sector}"
        for client in folder.clients.values()
        if client.sector
    }
    known = external_ids.ids("res.partner.industry")
    for sector, name in names.items():
        same = external_ids.env["res.partner.industry"].search(
            [("name", "=ilike", sector)], limit=1
        )
        if same and name not in known:
            external_ids.adopt(name, same)
    values = {name: {"name": sector.capitalize()} for sector, name in names.items()}
    ids = external_ids.load("res.partner.industry", values)
    return {sector: ids[name] for sector, name in names.items()}


def _prepare_client(env, client, industries, loaded):
    country = env["res.country"].search([("code", "=", client.country_code)], limit=1)
    return {
        "name": client.name,
        "is_company": True,
        # of type "contact" a subsidiary would take over its parent's country
        "type": "other" if client.parent_key else "contact",
        "parent_id": loaded.get(client_name(client.parent_key), False),
        "industry_id": industries.get(client.sector, False),
        "country_id": country.id,
        "comment": _figures(client),
        "customer_rank": 1,
    }


def _figures(client):
    """The source's figures about the company, in the source's own units."""
    figures = {
        "Founded": client.founded and f"{client.founded}",
        "Yearly revenue": client.revenue and f"{client.revenue:,}",
        "Employees": client.employees and f"{client.employees:,}",
    }
    return " · ".join(f"{title}: {text}" for title, text in figures.items() if text)
