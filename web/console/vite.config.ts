import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig, type Plugin } from 'vite'
import pages from './src/pages.json'

// The server answers a page's address with the first page, for exactly the pages that the router is made of.
function listPages(): Plugin {
  return {
    name: 'list-pages',
    generateBundle() {
      const list = pages.map((p) => ({ path: p.path }))
      this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(list) })
    },
  }
}

export default defineConfig({
  base: '/console/',
  plugins: [vue(), Components({ dts: false, dirs: [], resolvers: [ElementPlusResolver({ importStyle: 'css' })] }), listPages()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { host: '127.0.0.1', proxy: { '/agent': 'http://127.0.0.1:8080', '/v1': 'http://127.0.0.1:8080' } },
})
