/// <reference types="vite/client" />
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}
interface ImportMetaEnv {
  /** Where the mini-programs find the API: https and a filed domain. The H5 pages ask where they came from. */
  readonly VITE_API: string
}
interface ImportMeta {
  readonly env: ImportMetaEnv
}
