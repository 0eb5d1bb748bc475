from . import nka_competitor
from . import nka_competitor_offering
from . import nka_competitor_presence
from . import nka_competitor_analysis
from . import crm_lead_lost
from . import nka_competitor_report
from . import crm_lead
from . import nka_key_account
