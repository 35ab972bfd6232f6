// One live region for the whole console: what changed is said to a screen reader without moving the focus.
import { ref } from 'vue'

export const said = ref('')

export function say(text: string): void {
  said.value = ''
  requestAnimationFrame(() => { said.value = text })
}
