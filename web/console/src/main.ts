import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/console.css'
import App from './App.vue'
import { listen } from './lib/shortcuts'
import { router } from './router'

const dark = window.matchMedia('(prefers-color-scheme: dark)')
const dress = (): void => { document.documentElement.classList.toggle('dark', dark.matches) }
dark.addEventListener('change', dress)
dress()

listen()
createApp(App).use(router).mount('#app')
