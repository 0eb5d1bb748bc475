"""Identity of a database: what a restored or duplicated one can't have in common with
its original.

``pg_restore``, ``createdb -T`` and Odoo's *Duplicate* create a database with another
number (``oid``); another server has another system identifier; Odoo gives a duplicate
another ``database.uuid``. A replica that takes over keeps all three and begins another
timeline, as a restore to a point in time does.
"""

from typing import NamedTuple

from odoo.tools import SQL

from ..proof.contents import digest_of

#: Reading the kept identity says whether the current one can be read in full.
KEPT = SQL("""
    SELECT id, state, system, number, uuid, timeline, name,
           has_function_privilege('pg_control_system()', 'execute')
               AND has_function_privilege('pg_control_checkpoint()', 'execute'),
           EXISTS (SELECT FROM ir_config_parameter
                    WHERE key = 'database.is_neutralized'
                      AND lower(value) IN ('true', 't', '1')),
           pg_is_in_recovery()
      FROM nka_database
""")
#: Reads two small files of the server and one row each of two tables.
CURRENT = """
    SELECT {server}, oid::text,
           COALESCE((SELECT value FROM ir_config_parameter
                      WHERE key = 'database.uuid'), ''), {timeline}, datname
      FROM pg_database WHERE datname = current_database()
"""
WHOLE = SQL(
    CURRENT.format(
        server="(SELECT system_identifier::text FROM pg_control_system())",
        timeline="(SELECT timeline_id FROM pg_control_checkpoint())",
    )
)
#: For database users who can't call the functions of the server.
IN_PART = SQL(CURRENT.format(server="''", timeline="0"))


class Identity(NamedTuple):
    """Identity of a database; the name and the timeline alone make no copy of it."""

    #: System identifier of the server; empty if it can't be read.
    system: str
    #: Number of the database on its server.
    number: str
    #: Odoo's own identifier.
    uuid: str
    #: 0 if it can't be read.
    timeline: int
    name: str

    def is_copied(self, other):
        """Return whether this is another database than ``other``.

        A server that can't be read now or couldn't be then proves nothing.
        """
        is_elsewhere = self.system and other.system and self.system != other.system
        return bool(is_elsewhere) or self[1:3] != other[1:3]

    def has_turned(self, other):
        """Return whether the same database went on in another timeline."""
        return bool(
            self.timeline and other.timeline and self.timeline != other.timeline
        )

    def text(self):
        """Return the identity as the audit trail stores it."""
        return (
            f"{self.name}: server {self.system or '?'}, database {self.number}, "
            f"{self.uuid}, timeline {self.timeline or '?'}"
        )

    def digest(self, state):
        """Return the hash of this identity with a status."""
        return digest_of([state, *self[:4]])
