from collections import Counter
from .history import HistoryCase, history
from odoo.exceptions import UserError
class TestDbg(HistoryCase):
    BASIS="invoiced"
    def test_x(self):
        ok=Counter(); bad=Counter()
        kinds=("orders_together","stranger","tamper","branch_invoice","order_invoice")
        for k in kinds:
            orig=getattr(type(self),f"_do_{k}")
            def w(*a, k=k, orig=orig):
                try:
                    r=orig(self,*a); ok[k]+=1
                    return r
                except UserError as e:
                    bad[k, str(e)[:90]]+=1; raise
            setattr(self,f"_do_{k}",w)
        with self._undone():
            self._play(history(4000000,100))
            self._build()
            print(ok,bad)
            self.cr.execute("select counts,count(*) from nka_order_link group by 1"); print(self.cr.fetchall())
            self.cr.execute("select count(*), count(part_untaxed) from nka_bonus_line"); print(self.cr.fetchall())
            self.assertLedgerIsRight(days=False)
