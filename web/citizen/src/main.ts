import { createSSRApp } from 'vue'
import App from './App.vue'
// #ifdef H5
import { enterByAddress } from './lib/address'
import { listenToKeys } from './lib/keys'

enterByAddress()
listenToKeys()
// #endif

export function createApp() {
  return { app: createSSRApp(App) }
}
