"""An approved qualification, made the way people make it."""


def qualify(account, supervisor, **vals):
    """Give an account a qualification approved by ``supervisor``.

    It is written by the account's manager and approved by somebody else.
    """
    model = account.env["nka.qualification"].with_user(account.manager_id)
    qualification = model.create(
        {
            "key_account_id": account.id,
            "credit_rating": "b",
            "verdict": "qualified",
            "verdict_reason": "Pays in time and grows with us",
            **vals,
        }
    )
    qualification.score_ids.score = "4"
    qualification.action_submit()
    qualification.with_user(supervisor).action_approve()
    return qualification.with_env(account.env)
