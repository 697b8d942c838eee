"""What the audit's acts about people are called."""

from core import i18n

_ = i18n.gettext


def act_words() -> dict[str, str]:
    return {
        "sign_in": _("登录"), "role.grant": _("给了岗位"), "role.revoke": _("收回岗位"), "user.close": _("停用"),
        "user.reset_sign_in": _("重置登录方式"), "password.change": _("换了密码"),
        "admin.invite": _("在服务器上设为县管理员"), "password.renew": _("在服务器上重发了密码"),
    }  # fmt: skip
