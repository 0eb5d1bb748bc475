# The main commands are `make demo` and `make test`. They download, unpack and run everything they
# need in one git-ignored folder of this clone (.build, or the folder given in NKA_BUILD).
SERVE ?= 1
LANG_CODE ?= en_US
export SERVE PORT LANG_CODE ARGS DATA SIZE ODOO_PATH PG_BIN NKA_BUILD NKA_PYTHON

.PHONY: help demo test shell lint format bench real i18n stop clean
.NOTPARALLEL:

help:
	@echo "make demo    set up, install with demo data, print the portfolio, serve at 127.0.0.1 (Ctrl-C ends it)"
	@echo "             SERVE=0 without serving · PORT=8070 another port · LANG_CODE=ru_RU a Russian company"
	@echo "make test    set up and run the whole suite, recruitment on a database of its own · ARGS=\"-k handover\" narrows it · DATA=folder adds the real files to it"
	@echo "make shell   an Odoo shell on the demo database · also: make shell < script.py"
	@echo "make lint    ruff, pylint-odoo, OCA's and XML checks, as before a commit · make format rewrites the Python code"
	@echo "make bench   the benchmarks · SIZE=10k, 100k or 1m invoices"
	@echo "make real    DATA=folder loads real opportunities into a database of their own (../shared/data/crm_opportunities if there)"
	@echo "make i18n    write the .pot and merge it into the translations"
	@echo "make stop    end everything this clone has running · make clean also removes .build"
	@echo "ODOO_PATH=folder uses an Odoo 19 tree that is there, PG_BIN=folder other PostgreSQL programs"

demo test shell lint format bench real i18n stop clean:
	@sh tools/start.sh $@
