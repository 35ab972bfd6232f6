// Where the one next step is done. What is done at a window leads to its papers and places.
import type { Schemas } from '@/api/client'

type Step = Schemas['NextStepReply']['code']
export interface Onward { label: string; page: string }

const onward: Partial<Record<Step, Onward>> = {
  await_loss: { label: '看挂失到哪一步了', page: 'card' },
  await_release: { label: '看解挂到哪一步了', page: 'card' },
  after_loss: { label: '去解挂或补卡', page: 'card' },
}

export const pageOfStep = (code: Step): Onward | null => onward[code] ?? null
