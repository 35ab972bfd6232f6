package hotline

import "onecard/models"

// Refusals at the console's door. A log-in has one answer for every cause that is not the lock (R56).
var (
	ErrLogInRefused      = models.NewError(models.Unauthenticated, "LOGIN_FAILED", "账号、密码或动态码不正确,请核对后重试;忘记时请联系本单位管理员或12333技术支持重置。")
	ErrAccountLocked     = models.NewError(models.Locked, "ACCOUNT_LOCKED", "连续登录失败次数过多,账号已锁定30分钟。请稍后再试,或联系本单位管理员、12333技术支持。")
	ErrNotLoggedIn       = models.NewError(models.Unauthenticated, "LOGIN_REQUIRED", "登录已失效,请重新登录;如有疑问请拨打12333。")
	ErrSessionReplaced   = models.NewError(models.Unauthenticated, "SESSION_REPLACED", "您的账号已在别处登录,这里的登录已结束。如果不是您本人登录,请马上联系本单位管理员或12333技术支持。")
	ErrSessionIdle       = models.NewError(models.Unauthenticated, "SESSION_IDLE", "长时间没有操作,登录已自动结束,未提交的内容请重新登录后继续;如有疑问请联系12333技术支持。")
	ErrEnrolmentRequired = models.NewError(models.Forbidden, "ENROLMENT_REQUIRED", "这是一次性密码,请先设置自己的密码并绑定动态码;如有疑问请联系本单位管理员或12333技术支持。")
	ErrPasswordExpired   = models.NewError(models.Forbidden, "PASSWORD_EXPIRED", "密码已到期,请设置新密码后登录;如有疑问请联系本单位管理员或12333技术支持。")
	ErrPasswordCommon    = models.NewError(models.Invalid, "PASSWORD_COMMON", "这个密码太常见,容易被猜到,请换一个;如有疑问请联系12333技术支持。")
	ErrPasswordUsed      = models.NewError(models.Invalid, "PASSWORD_USED", "不能使用最近用过的5个密码,请换一个;如有疑问请联系12333技术支持。")
	ErrNotPermitted      = models.NewError(models.Forbidden, "ROLE_NOT_PERMITTED", "您的岗位没有办理这项业务的权限,请联系本单位管理员或12333技术支持。")
	ErrLogInBusy         = models.NewError(models.Unavailable, "LOGIN_BUSY", "登录的人较多,请稍后再试;急需办理请引导来电人到社保卡服务网点。")
	ErrLoginTaken        = models.NewError(models.Conflict, "LOGIN_TAKEN", "这个登录名已被使用,请换一个;如有疑问请联系12333技术支持。")
	ErrRolesClash        = models.NewError(models.Invalid, "ROLES_CLASH", "审计员和管理员不能由同一人担任,请重新选择岗位;如有疑问请联系12333技术支持。")
	ErrDemoInUse         = models.NewError(models.Forbidden, "DEMO_STAFF_REFUSED", "正式环境不能使用演示账号,请联系12333技术支持建立正式账号。")
	ErrPasswordWeak      = models.NewError(models.Invalid, "PASSWORD_WEAK", "密码至少10位,且须包含大写字母、小写字母、数字、符号中的三类,也不能包含登录名,请重新设置;如有疑问请联系12333技术支持。")
	ErrStaffNameForm     = models.NewError(models.Invalid, "LOGIN_FORMAT", "登录名须为3至32位小写字母、数字、点、横线或下划线,且以字母开头;如有疑问请联系12333技术支持。")
	ErrRoleUnknown       = models.NewError(models.Invalid, "ROLE_UNKNOWN", "岗位不正确,可选坐席、班长、复核员、政策管理员、知识编辑、联络员、审计员、管理员;如有疑问请联系12333技术支持。")
	ErrOwnRoles          = models.NewError(models.Forbidden, "OWN_ROLES", "管理员不能更改、重置或停用自己的账号,请由另一位管理员办理,或联系12333技术支持。")
	ErrLastAdministrator = models.NewError(models.Conflict, "LAST_ADMINISTRATOR", "这是最后一位管理员,不能停用或取消管理员岗位。请先设置另一位管理员,或联系12333技术支持。")
	ErrLiaisonDepartment = models.NewError(models.Invalid, "LIAISON_DEPARTMENT", "联络员须填写所属部门,请补充后重新提交;如有疑问请联系12333技术支持。")
	ErrDistrictFormat    = models.NewError(models.Invalid, "DISTRICT_FORMAT", "县区代码须为6位数字,全市的请留空;如有疑问请联系12333技术支持。")
	ErrSubjectTaken      = models.NewError(models.Conflict, "SIGN_ON_SUBJECT_TAKEN", "这个统一登录账号已关联其他人员,请核对;如有疑问请联系12333技术支持。")
	ErrStaffUnchanged    = models.NewError(models.Conflict, "STAFF_DISABLED", "这个账号已停用,不能再次停用或重置;如需使用请建立新账号,或联系12333技术支持。")
)

// Refusals during a call.
var (
	ErrNoActiveCall         = models.NewError(models.Forbidden, "NO_ACTIVE_CALL", "没有正在进行的通话,不能查询或办理。请先建立通话,或引导来电人到社保卡服务网点。")
	ErrCallOpen             = models.NewError(models.Conflict, "CALL_ALREADY_OPEN", "您还有一个通话没有结束,请先结束它再建立新的通话;如有疑问请联系12333技术支持。")
	ErrCallerNumber         = models.NewError(models.Invalid, "CALLER_NUMBER_FORMAT", "来电号码的格式不正确,请核对,或留空后继续;来电人也可到社保卡服务网点办理。")
	ErrVerificationRequired = models.NewError(models.Forbidden, "VERIFICATION_REQUIRED", "来电人的身份还没有核验通过,不能办理。请先核验姓名、证件号码并回拨登记手机;核验不了的,请引导到社保卡服务网点。")
	ErrPhoneLocked          = models.NewError(models.Locked, "PHONE_LOCKED", "电话核验失败次数过多,今天不能再通过电话查询。用登记手机来电或经回拨确认仍可挂失;其他业务请持身份证到社保卡服务网点,或明天再拨打12333。")
	ErrCallHasPerson        = models.NewError(models.Conflict, "CALL_HAS_PERSON", "本次通话已核验了另一位来电人。请结束本次通话后另建通话,或引导到社保卡服务网点。")
	ErrFullIDNeeded         = models.NewError(models.Invalid, "FULL_ID_NEEDED", "有多人符合,请来电人提供完整的证件号码;不方便提供的,请引导到社保卡服务网点。")
	ErrNoPhoneOnFile        = models.NewError(models.Conflict, "NO_PHONE_ON_FILE", "这位来电人没有登记手机,不能回拨确认。请核验其他资料,或引导持身份证到社保卡服务网点。")
	ErrCallBackNotAsked     = models.NewError(models.Conflict, "CALL_BACK_NOT_ASKED", "请先发起回拨,接通后在30分钟内确认;联系不上的,请引导到社保卡服务网点。")
	ErrCallerNotMobile      = models.NewError(models.Conflict, "CALLER_NOT_MOBILE", "来电号码不是手机号或没有显示,不能发送短信。请口头告知,或引导到社保卡服务网点、“办事指南”页面查看。")
	ErrSlipSent             = models.NewError(models.Conflict, "GUIDE_ALREADY_SENT", "本次通话已经发送过一条办事指南短信,不能再发。请口头告知,来电人也可到社保卡服务网点咨询。")
	ErrSlipNotText          = models.NewError(models.Conflict, "GUIDE_NOT_TEXT", "这种情形没有可发送的材料清单。请按办事指南口头告知,或引导到社保卡服务网点咨询。")
	ErrOutletsSent          = models.NewError(models.Conflict, "OUTLETS_ALREADY_SENT", "本次通话已经发送过一条网点短信,不能再发。请口头告知,来电人也可到社保卡服务网点或拨打12333咨询。")
	ErrNoOutletThere        = models.NewError(models.Conflict, "NO_OUTLET_THERE", "这个县区没有找到能办理这项业务的网点。请换一个地点或银行再查,或引导来电人到邻近县区的社保卡服务网点。")
	ErrReasonRequired       = models.NewError(models.Invalid, "REASON_REQUIRED", "查看完整号码须选择原因,原因会记入审计;如有疑问请联系12333技术支持。")
)

// Refusals of what is said, written down and shown in a call, and to supervisors.
var (
	ErrHolderNotReached = models.NewError(models.Conflict, "HOLDER_NOT_REACHED", "亲属来电须由持卡人本人接听,或回拨登记手机由本人确认后才能挂失;联系不上本人的,请引导到社保卡服务网点。")
	ErrNoteTooLong      = models.NewError(models.Invalid, "NOTE_TOO_LONG", "办理记录最多1000个字,请删减后再保存;详细情况请登记工单,或联系12333技术支持。")
	ErrNoteHasNumber    = models.NewError(models.Invalid, "NOTE_HAS_NUMBER", "办理记录里有像证件号码或银行卡号的数字,请删去后再保存:号码不写进记录,来电人的信息系统已有。如有疑问请联系12333技术支持。")
	ErrResultUnknown    = models.NewError(models.Invalid, "CALL_RESULT_UNKNOWN", "请选择这次通话的结果;如有疑问请联系12333技术支持。")
	ErrUnmaskField      = models.NewError(models.Invalid, "FIELD_UNKNOWN", "只能查看姓名、证件号码、登记手机号或社保卡卡号末位,请重新选择;如有疑问请联系12333技术支持。")
	ErrSampleDay        = models.NewError(models.Invalid, "SAMPLE_DAY", "请选择一个已经结束、有通话的日期;如有疑问请联系12333技术支持。")
	ErrSampleDrawn      = models.NewError(models.Conflict, "SAMPLE_DRAWN", "这一天的质检样本已经抽取,请直接查看;如有疑问请联系12333技术支持。")
	ErrScores           = models.NewError(models.Invalid, "SCORES_INCOMPLETE", "请给每一项打0至5分后再提交;如有疑问请联系12333技术支持。")
	ErrScoreOwn         = models.NewError(models.Forbidden, "SCORE_OWN_CALL", "不能给自己的通话打分,请由另一位班长打分;如有疑问请联系12333技术支持。")
	ErrExportWindow     = models.NewError(models.Invalid, "EXPORT_WINDOW", "请选择导出内容和起止日期后再导出;如有疑问请联系12333技术支持。")
	ErrExportTooLarge   = models.NewError(models.TooLarge, "EXPORT_TOO_LARGE", "导出的范围太大,请缩短日期后再试;全部数据不能导出,需要统计请联系12333技术支持。")
	ErrExportsUsedUp    = models.NewError(models.RateLimited, "EXPORTS_USED_UP", "今天的导出次数已用完,请明天再试;急需的请联系12333技术支持。")
	ErrTaskUnknown      = models.NewError(models.Invalid, "TASK_UNKNOWN", "请从列表中选择要发送给来电人的待办事项;列表中没有的,请口头告知或引导到社保卡服务网点。")
	ErrFlagReason       = models.NewError(models.Invalid, "FLAG_REASON_REQUIRED", "请选择处理原因后再结束这条提示;如有疑问请联系12333技术支持。")
	ErrFlagOwn          = models.NewError(models.Forbidden, "FLAG_OWN", "不能处理关于自己的提示,请由另一位班长处理;如有疑问请联系12333技术支持。")
)

// Acts the phone never carries out. The message is the sentence the agent says.
var (
	ErrReleaseByPhone    = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能办理解挂。请本人在微信或支付宝办理(以页面显示为准),或由本人持身份证原件到社保卡服务网点办理;委托他人的,须带双方身份证原件。")
	ErrActivationByPhone = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能办理激活。社保账户请持卡到社保卡服务网点或定点医院、药店修改初始密码激活;银行账户请本人持身份证和社保卡到卡面银行激活。请不要在电话里说出密码。")
	ErrReplaceByPhone    = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能办理补换卡。请本人在微信或支付宝申请,或持有效身份证件到社保卡服务网点办理。")
	ErrBankInPersonOnly  = models.NewError(models.Forbidden, "BANK_IN_PERSON_ONLY", "银行账户的挂失和解挂只能由本人到卡面银行办理,电话不能办理。请马上拨打卡面银行的客服电话询问临时挂失,并带身份证到该行的社保卡服务网点办理。")
)
