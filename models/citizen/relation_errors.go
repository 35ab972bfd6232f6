package citizen

import "onecard/models"

// The refusals of guardians and family helpers.
var (
	ErrRelationUnknown = models.NewError(models.NotFound, "RELATION_NOT_FOUND", "没有找到这项代办关系,请刷新后重新选择;如有疑问请拨打12333。")
	ErrRelationOver    = models.NewError(models.Forbidden, "RELATION_ENDED", "这项代办关系已经结束,请由本人办理,或到社保卡服务网点办理;如有疑问请拨打12333。")
	ErrRelationWaits   = models.NewError(models.Conflict, "RELATION_NOT_IN_FORCE", "这项代办关系还没有生效,请等待审核或确认后再办理;急需办理的请到社保卡服务网点,或拨打12333。")

	ErrDependantOfAge     = models.NewError(models.Forbidden, "DEPENDANT_OF_AGE", "孩子已满16周岁,社会保障卡业务须由本人在自己的账号中办理,也可由本人到社保卡服务网点办理;如有疑问请拨打12333。")
	ErrDependantNotProved = models.NewError(models.Invalid, "HOUSEHOLD_BOOK_REQUIRED", "户籍登记中没有查到您与这位未成年人的监护关系,请核对姓名和证件号码,并上传户口簿首页和孩子本人页由工作人员审核;也可带户口簿到社保卡服务网点办理,或拨打12333。")
	ErrGuardianTooYoung   = models.NewError(models.Forbidden, "GUARDIAN_UNDER_AGE", "监护人须年满18周岁。请由其他监护人办理,或到社保卡服务网点咨询,也可拨打12333。")
	ErrChildIsToldToo     = models.NewError(models.Conflict, "CHILD_IS_TOLD_TOO", "孩子已满14周岁,业务通知须同时发给孩子本人,不能只发给监护人;如有疑问请拨打12333。")
	ErrReviewReason       = models.NewError(models.Invalid, "REVIEW_REASON", "请选择审核结果和不通过的原因;如有疑问请联系12333技术支持。")
	ErrPageUnknown        = models.NewError(models.NotFound, "PAGE_NOT_FOUND", "没有找到这一页户口簿图片,可能已按规定删除;如有疑问请联系12333技术支持。")

	ErrHelperUnknown   = models.NewError(models.Invalid, "HELPER_NOT_MATCHED", "没有找到这位已实名绑定的亲属,请核对姓名和证件号码,并请对方先在微信或支付宝完成实名绑定;也可到社保卡服务网点开具协助单,或拨打12333。")
	ErrHelperSelf      = models.NewError(models.Invalid, "HELPER_IS_SELF", "不能指定自己为亲属协助人,请填写亲属的姓名和证件号码;如有疑问请拨打12333。")
	ErrHelperTooYoung  = models.NewError(models.Invalid, "HELPER_UNDER_AGE", "亲属协助人须年满16周岁,请指定其他亲属,或到社保卡服务网点办理;如有疑问请拨打12333。")
	ErrHolderTooYoung  = models.NewError(models.Forbidden, "HELPER_FOR_ADULTS_ONLY", "未满18周岁不能指定亲属协助人,请由监护人代办,或到社保卡服务网点办理;如有疑问请拨打12333。")
	ErrHelpersFull     = models.NewError(models.Conflict, "HELPERS_FULL", "亲属协助人已达到人数上限,请先撤销一位再指定;如有疑问请到社保卡服务网点咨询,或拨打12333。")
	ErrRelativeTries   = models.NewError(models.RateLimited, "RELATIVE_TRIES_USED_UP", "今天核对亲属信息的次数已用完,请明天再试,或到社保卡服务网点办理;也可拨打12333。")
	ErrRecipientsWrong = models.NewError(models.Invalid, "RECIPIENTS_UNKNOWN", "请选择业务通知发给谁:监护人,或监护人和孩子;如有疑问请拨打12333。")
)

var relationErrors = []*models.Error{
	ErrRelationUnknown, ErrRelationOver, ErrRelationWaits, ErrDependantOfAge, ErrDependantNotProved, ErrGuardianTooYoung, ErrChildIsToldToo,
	ErrReviewReason, ErrPageUnknown, ErrHelperUnknown, ErrHelperSelf, ErrHelperTooYoung, ErrHolderTooYoung, ErrHelpersFull, ErrRelativeTries,
	ErrRecipientsWrong,
}
