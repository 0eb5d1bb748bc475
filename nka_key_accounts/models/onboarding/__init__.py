from . import ir_http
from . import web_tour_tour
