import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/console.css'
import App from './App.vue'
import { listenRows, vKey } from './lib/keys'
import { listen } from './lib/shortcuts'
import { router } from './router'

const dark = window.matchMedia('(prefers-color-scheme: dark)')
const dress = (): void => { document.documentElement.classList.toggle('dark', dark.matches) }
dark.addEventListener('change', dress)
dress()

listen()
listenRows()
createApp(App).directive('key', vKey).use(router).mount('#app')
