package card

import "onecard/models"

// Refusals of uploads and first applications. Each message names a way forward (R48).
var (
	ErrPhotoFormat   = models.NewError(models.Invalid, "PHOTO_FORMAT", "照片无法识别,请上传JPG或PNG格式的照片原图;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoTooSmall = models.NewError(models.Invalid, "PHOTO_TOO_SMALL", "照片太小,宽不能小于358像素、高不能小于441像素,请换一张更清晰的照片;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoBytes    = models.NewError(models.Invalid, "PHOTO_BYTES", "照片内容过于杂乱或细节太少,不符合制卡要求的文件大小,请换一张清晰的白底证件照;也可到社保卡服务网点现场拍照,或拨打12333。")

	// What is wrong with the picture itself (R26). A silhouette is measured, and the light within it; no face is looked for:
	// that is the registry's.
	ErrPhotoBackground = models.NewError(models.Invalid, "PHOTO_BACKGROUND", "照片背景须为纯白色,不能有阴影、边框、其他人或物品,请在白墙前重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoShadow     = models.NewError(models.Invalid, "PHOTO_SHADOW", "照片背景上有阴影,请离墙远一些、让光线均匀地照在墙上后重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoNobody     = models.NewError(models.Invalid, "PHOTO_NOBODY", "照片上没有看到人,请上传本人正面免冠证件照;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoHeadCut    = models.NewError(models.Invalid, "PHOTO_HEAD_CUT_OFF", "头部没有完整拍进照片,请在头顶和两侧留出白底,露出双肩后重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoHeadLarge  = models.NewError(models.Invalid, "PHOTO_HEAD_TOO_LARGE", "照片中头部太大,请离镜头远一些,在头顶和两侧留出白底后重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoHeadSmall  = models.NewError(models.Invalid, "PHOTO_HEAD_TOO_SMALL", "照片中头部太小,请离镜头近一些,只拍头和肩,重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoPosition   = models.NewError(models.Invalid, "PHOTO_POSITION", "头部没有在照片中间,请让头部左右居中、头顶靠上、露出双肩后重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoDark       = models.NewError(models.Invalid, "PHOTO_TOO_DARK", "照片中面部太暗、看不清五官,请面向光线、不要背光,重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoBright     = models.NewError(models.Invalid, "PHOTO_TOO_BRIGHT", "照片中面部太亮、发白看不清五官,请避开强光、关闭美颜和闪光灯,重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoGlare      = models.NewError(models.Invalid, "PHOTO_GLARE", "照片中面部或眼镜上有反光,请调整角度、避开灯光和闪光灯,重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrPhotoBlurred    = models.NewError(models.Invalid, "PHOTO_BLURRED", "照片模糊,请擦净镜头、拿稳手机、对准面部后重新拍摄;也可到社保卡服务网点现场拍照,或拨打12333。")

	ErrUploadFormat   = models.NewError(models.Invalid, "UPLOAD_FORMAT", "证件图片无法识别,请上传JPG或PNG格式的原图;也可带证件原件到社保卡服务网点办理,或拨打12333。")
	ErrUploadTooSmall = models.NewError(models.Invalid, "UPLOAD_TOO_SMALL", "证件图片太小、看不清,请重新拍摄后上传;也可带证件原件到社保卡服务网点办理,或拨打12333。")
	ErrUploadPixels   = models.NewError(models.Invalid, "UPLOAD_TOO_MANY_PIXELS", "图片尺寸过大,请用普通画质重新拍摄后上传;也可到社保卡服务网点办理,或拨打12333。")
	ErrUploadTooLarge = models.NewError(models.TooLarge, "UPLOAD_TOO_LARGE", "图片文件过大:照片不能超过10兆,证件图片不能超过5兆,请压缩后重新上传;也可到社保卡服务网点办理,或拨打12333。")
	ErrUploadPurpose  = models.NewError(models.Invalid, "UPLOAD_PURPOSE", "请选择图片的用途:身份证人像面、身份证国徽面、证件照片或户口簿页。如有疑问请拨打12333。")
	ErrUploadTooMany  = models.NewError(models.RateLimited, "UPLOAD_TOO_MANY", "您今天上传的图片太多,请用已上传的图片提交申领,或明天再试;也可到社保卡服务网点办理,或拨打12333。")
	ErrUploadBusy     = models.NewError(models.Unavailable, "UPLOAD_BUSY", "现在上传图片的人较多,您的图片还没有收下,请稍等几秒后再上传;也可到社保卡服务网点办理,或拨打12333。")
	ErrUploadUnknown  = models.NewError(models.Invalid, "UPLOAD_UNKNOWN", "上传的图片已失效或已使用,请重新上传;也可到社保卡服务网点办理,或拨打12333。")

	ErrPhotoRequired   = models.NewError(models.Invalid, "PHOTO_REQUIRED", "申领须上传本人电子照片,请上传后再提交;也可到社保卡服务网点现场拍照,或拨打12333。")
	ErrIDImageRequired = models.NewError(models.Invalid, "ID_IMAGE_REQUIRED", "申领须上传身份证人像面和国徽面,请上传后再提交;也可带证件原件到社保卡服务网点办理,或拨打12333。")
	ErrOutletRequired  = models.NewError(models.Invalid, "OUTLET_NOT_AVAILABLE", "请选择一个正在服务的领卡网点,可在“网点查询”中查看;如有疑问请拨打12333。")

	ErrCardExists       = models.NewError(models.Conflict, "CARD_EXISTS", "您已持有社会保障卡,不能再次首次申领。卡遗失或损坏请办理补换卡,也可带身份证到社保卡服务网点办理,或拨打12333。")
	ErrGuardianRequired = models.NewError(models.Forbidden, "GUARDIAN_REQUIRED", "未满16周岁须由监护人申领。请监护人在本人账号中添加孩子后代为申领,或带双方身份证件和户口簿到社保卡服务网点办理,咨询请拨打12333。")
	ErrApplySelfOnly    = models.NewError(models.Forbidden, "APPLICANT_MUST_BE_SELF", "首次申领须由本人在自己的账号中办理,未满16周岁的由监护人代为申领;其他代办请带双方身份证件原件到社保卡服务网点,或拨打12333咨询。")
	ErrApplyNotByPhone  = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "电话不能办理申领。请本人通过微信或支付宝办理,或带本人身份证件到社保卡服务网点办理。")

	ErrDraftChanged    = models.NewError(models.Conflict, "DRAFT_CHANGED", "申领草稿已在另一台设备上修改或提交,请刷新后继续;如有疑问请拨打12333。")
	ErrApplicationOpen = models.NewError(models.Conflict, "APPLICATION_UNDER_WAY", "您已有一份申领正在办理,请查看办卡进度;需要更改的可撤回后重新申领,或拨打12333。")

	ErrSlipNotPrintable = models.NewError(models.Unavailable, "RECEIPT_NOT_PRINTABLE", "受理凭证中有暂时无法打印的生僻字,请记下受理号,或到社保卡服务网点打印;如有疑问请拨打12333。")

	ErrNotReturned          = models.NewError(models.Conflict, "APPLICATION_NOT_RETURNED", "这份申领现在不需要补正,可能已在另一台设备上提交,请刷新查看进度;如有疑问请拨打12333。")
	ErrApplicationBeingSent = models.NewError(models.Conflict, "APPLICATION_BEING_SENT", "上一次提交正在送交社保系统,请过几分钟刷新后再办理;如有疑问请拨打12333。")
	ErrCorrectionsUsedUp    = models.NewError(models.Conflict, "CORRECTIONS_USED_UP", "线上补正的次数已用完,请带身份证原件到社保卡服务网点办理,或撤回后重新提交;如有疑问请拨打12333。")
	ErrCorrectionIncomplete = models.NewError(models.Invalid, "CORRECTION_INCOMPLETE", "还有需要补正的内容没有更正,请逐项更正后再提交;也可到社保卡服务网点办理,或拨打12333。")
	ErrWithdrawTooLate      = models.NewError(models.Conflict, "WITHDRAW_TOO_LATE", "申领已编入制卡批次或已经结束,不能撤回。卡制好后可以不领取;需要更改的请到社保卡服务网点办理,或拨打12333。")

	ErrApplicationNotFound = models.NewError(models.NotFound, "APPLICATION_NOT_FOUND", "没有找到这份申领记录。请刷新后重试,或拨打12333查询。")
)
