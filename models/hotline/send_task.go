package hotline

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// taskWords are what an agent may hand over to the caller's inbox: acts that she does herself, in her own app. There is no free
// text, so nothing else can be sent in our name.
var taskWords = map[string]string{
	"apply": "申领社会保障卡", "correct": "补正申请材料", "replace": "申请补换卡", "pay_fee": "缴纳工本费", "release": "社保账户解挂",
	"phone_change": "更换通知手机号", "helper": "设立亲属协助",
}

// TaskSent is a task in the caller's inbox.
type TaskSent struct {
	Act      string
	Words    string
	Repeated bool // this call handed it over already
}

// SendTask puts a task into the inbox of the person of the agent's own call, known at least at Basic: once for each act and call.
// What the act asks of her is asked when she does it. The task, the message and the audit entry commit together. ErrTaskUnknown;
// the refusals of PersonOf.
func (s *Service) SendTask(ctx context.Context, by models.Actor, callID models.ID, act string) (TaskSent, error) {
	sent := TaskSent{Act: act, Words: taskWords[act]}
	if sent.Words == "" {
		return TaskSent{}, ErrTaskUnknown
	}
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "calls", string(callID))
		if err != nil {
			return err
		}
		if prior != "" { // the call may be closed by now
			sent.Repeated = true
			return nil
		}
		in, err := s.whoLooks(ctx, by, callID, LevelBasic)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		added, err := s.Calls.AddTask(ctx, callID, act, now)
		if err != nil || !added {
			sent.Repeated = !added
			return err
		}
		if err := s.Notices.AddNotice(ctx, taskNotice(callID, in.Subject, act, now)); err != nil {
			return err
		}
		return s.record(ctx, in, "hotline.task.sent", "calls", string(callID), "done", "act", act)
	})
	return sent, err
}

// taskNotice names the act as the object it is about: the app leads there by itself, and no text holds a link.
func taskNotice(call, person models.ID, act string, at time.Time) notice.Draft {
	return notice.Draft{
		Cause: "task:" + string(call) + ":" + act, Kind: notice.AgentTask, PersonID: person, At: at, Object: "task_" + act,
		Params: map[string]string{"act": taskWords[act]},
	}
}
