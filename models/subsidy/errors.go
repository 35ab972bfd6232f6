package subsidy

import "onecard/models"

// Refusals of the subsidy capability.
var (
	ErrArrivalNotFound   = models.NewError(models.NotFound, "ARRIVAL_NOT_FOUND", "没有找到这笔补贴。请刷新后重试,或拨打12333查询。")
	ErrProgrammeNotFound = models.NewError(models.NotFound, "PROGRAMME_NOT_FOUND", "没有找到这个补贴项目。请在项目清单中查找,或拨打12333。")
	ErrYear              = models.NewError(models.Invalid, "YEAR_INVALID", "请选择正确的年份;如有疑问请拨打12333。")
	ErrMemberNotFound    = models.NewError(models.NotFound, "MEMBER_NOT_FOUND", "没有找到这位家庭成员。请刷新后重新选择,或拨打12333。")
	ErrStatementTooLong  = models.NewError(models.Invalid, "STATEMENT_TOO_LONG", "这一年的补贴记录太多,无法在线生成对账单。请带身份证到社保卡服务网点打印,或拨打12333。")
	ErrStatementGlyph    = models.NewError(models.Unavailable, "STATEMENT_NOT_PRINTABLE", "您的姓名或项目名称中有暂时无法打印的生僻字。请带身份证到社保卡服务网点打印对账单,或拨打12333。")
	ErrStatementUnknown  = models.NewError(models.NotFound, "STATEMENT_UNKNOWN", "没有查到这个核验码对应的对账单。请核对核验码后重新输入;仍查不到的,请拨打12333。")
)
