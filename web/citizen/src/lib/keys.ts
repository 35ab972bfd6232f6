// A browser's keyboard for elements that only say by their role what they are: Enter and the space bar press them.
const pressed = new Set(['button', 'link', 'checkbox', 'switch', 'radio', 'option'])

export function listenToKeys(): void {
  document.addEventListener('keydown', (e) => {
    if ((e.key !== 'Enter' && e.key !== ' ') || e.repeat || e.isComposing) return
    const at = document.activeElement
    if (!(at instanceof HTMLElement) || !pressed.has(at.getAttribute('role') ?? '')) return
    e.preventDefault()
    at.click()
  })
}
