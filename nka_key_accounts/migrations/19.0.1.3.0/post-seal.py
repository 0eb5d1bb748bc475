"""Fill in with which revision of their month existing locked statements were locked."""


def migrate(cr, _version):
    """Set the first revision that was locked after the statement was approved."""
    cr.execute(
        """UPDATE nka_pay_statement statement
              SET revision = COALESCE((
                  SELECT MIN(revision.number) FROM nka_month_close_revision revision
                   WHERE revision.close_id = statement.close_id
                     AND revision.sealed_date >= statement.approved_date), 1)
            WHERE statement.state = 'locked' AND statement.close_id IS NOT NULL
              AND COALESCE(statement.revision, 0) = 0"""
    )
