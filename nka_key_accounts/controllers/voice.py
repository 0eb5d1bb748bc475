"""Pages on which clients answer, without a login."""

from odoo import http
from odoo.addons.rating.controllers.main import Rating
from odoo.http import request

MODEL = "nka.voice.answer"


class VoiceRating(Rating):
    """Show the addon's own pages for questions of key accounts.

    Odoo's page shows an answer given before to whoever holds the link, and the name of
    the record to every employee. Other ratings keep Odoo's pages.
    """

    @http.route()
    def action_open_rating(self, token, rate, **kwargs):
        """Show the page on which the client answers, with their click selected."""
        answer = self._nka_answer(token)
        if not answer:
            return super().action_open_rating(token, rate, **kwargs)
        return self._nka_page(answer, token, rate)

    @http.route()
    def action_submit_rating(self, token, rate=0, **kwargs):
        """Take the answer, once, and thank for it."""
        answer = self._nka_answer(token)
        if not answer:
            return super().action_submit_rating(token, rate, **kwargs)
        is_given = str(rate) in ("1", "3", "5") and answer._is_open()
        if request.httprequest.method != "POST" or not is_given or self._nka_is_ours():
            return self._nka_page(answer, token, 0)
        answer.rating_apply(
            int(rate), rating=answer.rating_id, feedback=kwargs.get("feedback")
        )
        return self._nka_page(answer, token, 0)

    @http.route(
        "/nka/feedback/<string:token>/stop",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        # Mail programs send the one-click request without a session.
        csrf=False,
        website=True,
    )
    def nka_stop(self, token, **kwargs):
        """Ask whether to stop, and stop: programs that check links only open them."""
        answer = self._nka_answer(token)
        if not answer:
            raise request.not_found()
        is_done = request.httprequest.method == "POST"
        is_done = is_done and not self._nka_is_ours()
        if is_done:
            answer._refuse()
        return self._nka_render(
            answer,
            "nka_key_accounts.voice_stop",
            token=token,
            is_done=is_done,
            is_ours=self._nka_is_ours(),
        )

    # ------------------------------------------------------------ pages
    def _nka_answer(self, token):
        """Return the question of a token; empty for tokens of other ratings."""
        ratings = request.env["rating.rating"].sudo()
        rating = ratings.search(
            [("access_token", "=", token), ("res_model", "=", MODEL)], limit=1
        )
        answers = request.env[MODEL].sudo()
        if not rating or not token:
            return answers
        return answers.search([("rating_id", "=", rating.id)], limit=1)

    def _nka_is_ours(self):
        """Return whether one of our own people is logged in: they answer for no client."""
        return request.env.user._is_internal()

    def _nka_page(self, answer, token, rate):
        names = answer._words()
        return self._nka_render(
            answer,
            "nka_key_accounts.voice_page",
            token=token,
            rate=rate,
            names=names,
            is_open=answer._is_open(),
            is_ours=self._nka_is_ours(),
            is_done=answer.state in ("answered", "disclosed"),
        )

    def _nka_render(self, answer, template, **values):
        """Render a page in the client's language; it says nothing of the answer."""
        lang = answer._language()
        page = request.env["ir.ui.view"].sudo().with_context(lang=lang)
        return page._render_template(
            template, {"company_name": answer.company_id.name, **values}
        )
