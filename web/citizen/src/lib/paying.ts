// One fee on its way to being paid: begun with the server, then the platform's till, then asked of the server what came.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { useAct, type Acting } from './load'
import { payAtTill, type Begun, type Tilled } from './pay'
// #ifdef H5
import { pretendTill } from './pay'
// #endif

export interface Paying extends Acting {
  said: Ref<Tilled | ''>
  begun: ShallowRef<Begun | null>
  till: Ref<string>
  pay: () => Promise<void>
}

export function usePaying(begin: (key: string) => Promise<Begun>, after: () => Promise<void>): Paying {
  const acting = useAct()
  const said = ref<Tilled | ''>('')
  const begun = shallowRef<Begun | null>(null)
  const till = ref('')
  const pay = async () => {
    await acting.act(async (key) => {
      const b = await begin(key)
      begun.value = b
      said.value = await payAtTill(b)
      // #ifdef H5
      till.value = said.value === 'code' || said.value === 'elsewhere' ? await pretendTill(b) : ''
      // #endif
    })
    await after()
  }
  return { ...acting, said, begun, till, pay }
}
