"""The providers of this installation, by name."""

from core import i18n

from .alipay import Alipay
from .provider import Provider, ProviderUnknown
from .sandbox import Sandbox
from .stripe_provider import Stripe

_ = i18n.gettext
gateways: tuple[Provider, ...] = (Alipay(), Stripe())  # in the order they are offered; another one is a file and a name here
_all: tuple[Provider, ...] = (Sandbox(), *gateways)


def provider_named(name: str) -> Provider:
    """A provider that is ready here. Raises ProviderUnknown."""
    for provider in _all:
        if provider.name == name and provider.is_ready():
            return provider
    raise ProviderUnknown(_("这里没有开通这种付款方式"))


def ready_providers() -> list[Provider]:
    """What a checkout may offer."""
    return [provider for provider in _all if provider.is_ready()]
