# One folder per room (docs/architecture.md); a room uses only the rooms imported
# before.
from . import trail
from . import proof
from . import accounts
from . import facts
from . import control
from . import messages
from . import people
from . import qualification
from . import standing
from . import leads
from . import deals
from . import competitors
from . import plans
from . import documents
from . import reports
from . import pay
from . import ledger
from . import statements
from . import payroll
from . import close
from . import outputs
from . import day
from . import setup
