package models

// Act names one thing a person may ask for. Its level and its mode per channel are policy (design 4).
type Act string

// The acts. The string is the key of policy `act.<act>.<channel>` and of `level.<act>`.
const (
	ActBind         Act = "bind"             // join a platform account to a person
	ActCardRead     Act = "card_read"        // own card, next step
	ActProgressRead Act = "progress_read"    // progress of an application
	ActLoss         Act = "loss"             // report the social-security account lost (R32)
	ActRelease      Act = "release"          // release a loss (R35)
	ActApply        Act = "apply"            // first application (R17)
	ActArrivals     Act = "arrivals"         // subsidy arrivals
	ActArrivalHigh  Act = "arrival_high"     // detail of a High payment (R55)
	ActReplace      Act = "replace"          // replacement by the holder (R44)
	ActReplaceMinor Act = "replace_minor"    // replacement for a minor (R46)
	ActReplaceDeleg Act = "replace_delegate" // replacement by a delegate (R45)
	ActPay          Act = "pay"              // pay a fee (R21)
	ActActivate     Act = "activate"         // activation of either account (R31)
	ActChangePhone  Act = "change_phone"     // change of the phone on file
	ActUnbind       Act = "unbind"           // take a platform account off a person
	ActExport       Act = "export"           // copy of one's own data
	ActReveal       Act = "reveal"           // see one's own masked data
	ActGuard        Act = "guard"            // say whose guardian one is (R23)
	ActHelpers      Act = "helpers"          // name a family helper (亲属协助)
	ActHelp         Act = "help"             // accept to be one
)

// Mode says what a channel does with an act.
type Mode string

// The modes of design 4.
const (
	ModeHere       Mode = "here"
	ModeHandOver   Mode = "hand_over"
	ModeWindowOnly Mode = "window_only"
)

// Acts lists every act with its default level and the floor below which policy may not set it.
var Acts = []struct {
	Act            Act
	Default, Floor Level
}{
	{ActBind, LevelPlatform, LevelPlatform},
	{ActCardRead, LevelPhone, LevelPhone},
	{ActProgressRead, LevelPhone, LevelPhone},
	{ActLoss, LevelPhone, LevelPhone},
	{ActRelease, LevelFresh, LevelFresh},
	{ActApply, LevelReal, LevelReal},
	{ActArrivals, LevelReal, LevelPhone},
	{ActArrivalHigh, LevelFresh, LevelReal},
	{ActReplace, LevelFresh, LevelReal},
	{ActReplaceMinor, LevelFresh, LevelReal},
	{ActReplaceDeleg, LevelFresh, LevelReal},
	{ActPay, LevelPhone, LevelPhone},
	{ActActivate, LevelFresh, LevelFresh},
	{ActChangePhone, LevelFresh, LevelFresh},
	{ActUnbind, LevelFresh, LevelReal},
	{ActExport, LevelFresh, LevelReal},
	{ActReveal, LevelFresh, LevelReal},
	{ActGuard, LevelReal, LevelReal},
	{ActHelpers, LevelFresh, LevelFresh},
	{ActHelp, LevelReal, LevelReal},
}
