// A code may want a small question answered first: the refusal says so, the question is fetched, and the next try answers it.
import { ref, type Ref } from 'vue'
import { post, type Schemas } from '@/api/client'
import { asRefusal, type Refusal } from '@/api/refusal'

export interface Challenged {
  challenge: Ref<Schemas['ChallengeOutputBody'] | null>
  answer: Ref<string>
  /** answered is what the next try brings along. */
  answered: () => { challenge_id?: string; challenge_answer?: string }
  /** after looks at a refusal, and fetches a question where one is wanted. */
  after: (r: Refusal | null) => Promise<void>
  another: (kind?: 'picture' | 'question') => Promise<void>
  done: () => void
}

export function useChallenge(): Challenged {
  const challenge = ref<Schemas['ChallengeOutputBody'] | null>(null)
  const answer = ref('')
  const another = async (kind: 'picture' | 'question' = 'picture') => {
    try {
      challenge.value = await post('/v1/challenges', { body: { kind } })
      answer.value = ''
    } catch (e) {
      uni.showToast({ title: asRefusal(e).detail, icon: 'none', duration: 4000 })
    }
  }
  return {
    challenge, answer, another,
    answered: () => (challenge.value ? { challenge_id: challenge.value.challenge_id, challenge_answer: answer.value.trim() } : {}),
    after: async (r) => { if (r?.code.startsWith('CHALLENGE_')) await another(challenge.value?.kind) },
    done: () => { challenge.value = null; answer.value = '' },
  }
}
