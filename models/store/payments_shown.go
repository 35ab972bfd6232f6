package store

// shownTo are the payments that people may see: not what went by an old channel (R13), not what is held, except that a
// line without a stage is shown as such (R8). Payments of a merged record belong to the person it became (FollowMerges),
// so one id names all of a person's.
const shownTo = "NOT old_channel AND hold IN ('', 'STAGE_UNKNOWN')"
