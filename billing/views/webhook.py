"""Where Stripe tells us what happened. It is believed by its signature, and only that something did."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import services
from billing.errors import PaymentsForged

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """204 once the message is noted, so that Stripe sends it no more; what follows from it is a worker's.

    400 for what is not signed, signed for another endpoint, or older than five minutes. 404 where no secret is set.
    """
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise Http404
    try:
        services.card_event_take(payload=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except PaymentsForged as error:
        logger.warning("A message to the webhook was refused: %s %s", error, error.next_action)
        return HttpResponse(str(error), status=400, content_type="text/plain")
    return HttpResponse(status=204)
