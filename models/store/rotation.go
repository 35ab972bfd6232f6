package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// The stages of a change of keys, in order.
const (
	StageCells   = "cells"   // cells are sealed anew, look-ups written under the new key, round by round until a round finds nothing
	StageObjects = "objects" // the same for uploaded pictures, by whoever keeps them
	StageOld     = "old"     // nobody writes or reads look-ups under older keys; they are deleted
	StageDone    = "done"
)

// keysKnownIn is how soon every process knows a change of keys: it reads them again after keysFreshFor when it seals, and
// a decision that began before is over long before this.
const (
	keysFreshFor = 30 * time.Second
	keysKnownIn  = 2 * time.Minute
)

// rotationSlice is how many rows one commit holds.
const rotationSlice = 200

// ErrRotating says that a change of keys is under way.
var ErrRotating = errors.New("a change of keys is under way: see onecard keys status")

// Rotation is one change of keys: every cell below DataKey is sealed anew, every look-up written under IndexKey.
type Rotation struct {
	ID         int64
	DataKey    uint32
	IndexKey   int
	Stage      string
	AtTable    string
	AfterKey   string
	Round      int
	LeftOver   int64 // changed or passed over in this round: another one follows
	Seen       int64 // rows looked at in this round
	Changed    int64 // rows changed in all
	StartedAt  time.Time
	StageAt    time.Time // begin of the stage
	FinishedAt *time.Time
}

// TableName names the table for gorm.
func (Rotation) TableName() string { return "key_rotations" }

// StartRotation makes a data key under the present wrapping key and begins a change of keys; ErrRotating while one is
// under way. Every process must hold the new keys by then: what is sealed from now on opens with them only.
func (db *DB) StartRotation(ctx context.Context, by models.Actor) (Rotation, error) {
	last, err := db.LastRotation(ctx)
	if err != nil {
		return Rotation{}, err
	}
	if last.ID > 0 && last.FinishedAt == nil {
		return last, ErrRotating
	}
	if _, err := db.RotateDataKey(ctx, 0); err != nil {
		return Rotation{}, err
	}
	now, err := db.Now(ctx)
	if err != nil {
		return Rotation{}, err
	}
	newest, _ := db.keys.sealing()
	r := Rotation{ID: last.ID + 1, DataKey: newest, IndexKey: db.newestIndex(), Stage: StageCells, AtTable: sealedTables[0].table, Round: 1, StartedAt: now, StageAt: now}
	err = db.InTx(ctx, func(ctx context.Context) error {
		if err := db.w(ctx).Create(&r).Error; err != nil {
			return translate(err)
		}
		return db.RecordAudit(ctx, audit.Of(by, now, "keys.rotation.started", "key_rotations", strconv.FormatInt(r.ID, 10), "done"))
	})
	if errors.Is(err, models.ErrConflict) {
		return r, ErrRotating // another operator was faster
	}
	return r, err
}

// LastRotation reads the newest change of keys; the zero one where there was none.
func (db *DB) LastRotation(ctx context.Context) (Rotation, error) {
	var r Rotation
	err := db.q(ctx).Order("id DESC").Limit(1).Find(&r).Error
	return r, translate(err)
}

// RotateSlice does the next piece of a change of keys, in one commit, and tells whether there is more to do now. It
// never waits for a row: what somebody else holds is passed over, and found again in the next round. Several processes
// may call it: one works, the others find nothing to do. A process that dies in it loses its slice only.
func (db *DB) RotateSlice(ctx context.Context) (more bool, err error) {
	r, err := db.LastRotation(ctx)
	if err != nil || r.ID == 0 || r.FinishedAt != nil || r.Stage == StageObjects {
		return false, err
	}
	if newest, _ := db.keys.sealing(); newest < r.DataKey {
		if err := db.loadKeys(ctx); err != nil {
			return false, err
		}
	}
	err = db.InTx(ctx, func(ctx context.Context) error {
		var mine []Rotation
		if err := db.passingOver(db.w(ctx)).Where("id = ? AND finished_at IS NULL", r.ID).Find(&mine).Error; err != nil {
			return translate(err)
		}
		if len(mine) == 0 || mine[0].Stage == StageObjects {
			return nil
		}
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		r := mine[0]
		if r.AfterKey == "" && r.AtTable == sealedTables[0].table && !r.mayBegin(now) {
			return nil
		}
		if err := db.slice(ctx, &r, now); err != nil {
			return err
		}
		more = r.FinishedAt == nil && r.Stage != StageObjects
		return translate(db.w(ctx).Save(&r).Error)
	})
	return more && err == nil, err
}

// mayBegin holds back a second round, and the deleting, until every process knows.
func (r Rotation) mayBegin(now time.Time) bool {
	if r.Stage == StageOld {
		return !now.Before(r.StageAt.Add(keysKnownIn))
	}
	return r.Round == 1 || !now.Before(r.StartedAt.Add(keysKnownIn))
}

// slice does one piece of r's table and moves r on.
func (db *DB) slice(ctx context.Context, r *Rotation, now time.Time) error {
	i := slices.IndexFunc(sealedTables, func(t sealedTable) bool { return t.table == r.AtTable })
	if i < 0 {
		return errors.New("key_rotations: a table that this program does not know")
	}
	t := sealedTables[i]
	after := []string{}
	if r.AfterKey != "" {
		if err := json.Unmarshal([]byte(r.AfterKey), &after); err != nil {
			return err
		}
	}
	work := db.resealRows
	if r.Stage == StageOld {
		work = db.dropOldLookups
	}
	last, seen, changed, passed, err := work(ctx, r, t, after)
	if err != nil {
		return err
	}
	r.Seen, r.Changed, r.LeftOver = r.Seen+int64(seen), r.Changed+int64(changed), r.LeftOver+int64(changed+passed)
	if seen == rotationSlice {
		key, err := json.Marshal(last)
		r.AfterKey = string(key)
		return err
	}
	r.AfterKey = ""
	if r.Stage == StageCells && i+1 < len(sealedTables) {
		r.AtTable = sealedTables[i+1].table
		return nil
	}
	return db.endRound(ctx, r, now)
}

// endRound begins the next round or, after one that found nothing, the next stage.
func (db *DB) endRound(ctx context.Context, r *Rotation, now time.Time) error {
	r.AtTable = sealedTables[0].table
	switch {
	case r.Stage == StageCells && r.LeftOver == 0 && r.Round > 1: // begun when every process knew
		r.Stage, r.StageAt = StageObjects, now
	case r.Stage == StageOld && r.LeftOver == 0:
		if err := db.wrapAnew(ctx); err != nil {
			return err
		}
		r.Stage, r.FinishedAt = StageDone, &now
		return db.RecordAudit(ctx, audit.Of(models.System(), now, "keys.rotation.finished", "key_rotations", strconv.FormatInt(r.ID, 10), "done"))
	}
	r.Round, r.LeftOver, r.Seen = r.Round+1, 0, 0
	return nil
}

// EndObjects notes how far the pictures are sealed anew; after is empty when that was the last of them.
func (db *DB) EndObjects(ctx context.Context, r Rotation, after models.ID, seen, changed int) error {
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	next := map[string]any{"after_key": string(after), "seen": r.Seen + int64(seen), "changed": r.Changed + int64(changed)}
	if after == "" {
		next["stage"], next["stage_at"], next["seen"], next["left_over"] = StageOld, now, 0, 0
	}
	return guarded(db.w(ctx).Model(&Rotation{}).Where("id = ? AND stage = ? AND after_key = ?", r.ID, StageObjects, r.AfterKey).Updates(next))
}

// NextObjects lists the pictures after one, in the order of their ids.
func (db *DB) NextObjects(ctx context.Context, after string, limit int) (ids []models.ID, err error) {
	q := db.q(ctx).Model(&uploadRow{}).Order("id").Limit(limit)
	if after != "" {
		q = q.Where("id > ?", after)
	}
	return ids, translate(q.Pluck("id", &ids).Error)
}
