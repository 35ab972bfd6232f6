package subsidy

import "onecard/models"

// Refusals of the subsidy capability.
var (
	ErrArrivalNotFound   = models.NewError(models.NotFound, "ARRIVAL_NOT_FOUND", "没有找到这笔补贴。请刷新后重试,或拨打12333查询。")
	ErrProgrammeNotFound = models.NewError(models.NotFound, "PROGRAMME_NOT_FOUND", "没有找到这个补贴项目。请在项目清单中查找,或拨打12333。")
	ErrYear              = models.NewError(models.Invalid, "YEAR_INVALID", "请选择正确的年份;如有疑问请拨打12333。")
)
