"""What colleagues know and do for each other: notes, a mentor, a manager on leave."""

from ..records import ago, create_missing, login, named, table, workday

#: The mentor, the mentee, and for how many days already.
MENTORSHIP = ("anna", "vera", 50)
#: Who is on leave, since how many days and until in how many.
AWAY = ("boris", 1, 5)


def load(env):
    write_notes(env)
    begin_mentorship(env)
    take_leave(env)


def write_notes(env):
    for number, row in enumerate(table("day/notes.csv")):
        notes = env["nka.account.note"]
        create_missing(notes, {f"note_{number}": prepare_note(env, row)})


def prepare_note(env, row):
    return {
        "key_account_id": named(env, f"account_{row['account']}").id,
        "author_id": login(env, row["author"]).id,
        "kind": row["kind"],
        "is_pinned": bool(row["pinned"]),
        "name": row["subject"],
        "body": row["note"],
    }


def begin_mentorship(env):
    mentor, mentee, days = MENTORSHIP
    mentorships = env["nka.mentorship"].with_user(login(env, "supervisor"))
    vals = {
        "mentor_id": login(env, mentor).id,
        "mentee_id": login(env, mentee).id,
        "date_from": ago(env, days),
        "goal": "Lead a negotiation alone by the end of the season.",
    }
    create_missing(mentorships, {"mentorship_vera": vals})


def take_leave(env):
    """Boris is away now, so his deputies stand in: an approved leave, nothing else."""
    name, since, until = AWAY
    kind = env["hr.leave.type"].search(
        [("requires_allocation", "=", False), ("time_type", "=", "leave")], limit=1
    )
    leave = create_missing(
        env["hr.leave"].with_context(leave_skip_state_check=True),
        {
            "leave_now": {
                "name": "A week at the sea",
                "employee_id": login(env, name).employee_id.id,
                "holiday_status_id": kind.id,
                "request_date_from": workday(ago(env, since)),
                "request_date_to": ago(env, -until),
            }
        },
    )
    leave._action_validate(check_state=False)
