import uniPlugin from '@dcloudio/vite-plugin-uni'
import { readFileSync } from 'node:fs'
import { defineConfig, type Plugin } from 'vite'

// Loaded as a module, the plugin sits one step deeper than where the vendor's own tools look.
const uni = ((uniPlugin as unknown as { default?: typeof uniPlugin }).default ?? uniPlugin)
const target = process.env['UNI_PLATFORM'] ?? 'h5'

// The framework's style sheet preloads a shadow from the vendor's servers. No page of ours asks anybody else.
function noForeignPictures(): Plugin {
  return {
    name: 'no-foreign-pictures',
    enforce: 'post',
    // A mini-program's framework asks for the same picture three seconds after the start.
    transform(code, id) {
      return id.includes('uni-mp-') ? code.replace('isFunction(wx.preloadAssets)', 'false') : null
    },
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'asset' && /\.(css|acss|wxss)$/.test(file.fileName)) file.source = String(file.source).replace(/url\(["']?https?:\/\/[^)]+\)/g, 'url(data:,)')
      }
    },
  }
}

// The server answers the names of pages with the first page, for exactly those that there are.
function listPages(): Plugin {
  return {
    name: 'list-pages',
    generateBundle() {
      if (target !== 'h5') return
      const { pages } = JSON.parse(readFileSync(new URL('./src/pages.json', import.meta.url), 'utf8')) as { pages: { path: string }[] }
      this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(pages.map((p) => ({ path: p.path.replace('pages', '') }))) })
    },
  }
}

// What every page needs, and the two pages most people open first, are fetched beside the first script and not after it.
function fetchEarly(): Plugin {
  return {
    name: 'fetch-early',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const html = bundle['index.html']
        if (target !== 'h5' || html?.type !== 'asset') return
        const chunks = Object.values(bundle).filter((c) => c.type === 'chunk')
        const wanted = new Set<string>()
        for (const c of chunks) {
          if (c.isEntry || !/^assets\/pages-(home|arrivals)\./.test(c.fileName)) continue
          for (const name of [c.fileName, ...c.imports]) if (!chunks.some((o) => o.isEntry && o.fileName === name)) wanted.add(name)
        }
        const links = [...wanted].filter((name) => !String(html.source).includes(name)).map((name) => `<link rel="modulepreload" crossorigin href="/m/${name}">`).join('')
        html.source = String(html.source).replace('</head>', `${links}</head>`)
      },
    },
  }
}

// WeChat's screen reader reads aria-role where a browser reads role.
function roles(): Plugin {
  return {
    name: 'roles',
    enforce: 'pre',
    transform(code, id) {
      if (target !== 'mp-weixin' || !id.endsWith('.vue')) return null
      return code.replace(/(\s:?)role="/g, '$1aria-role="')
    },
  }
}

export default defineConfig({
  plugins: [roles(), uni(), noForeignPictures(), listPages(), fetchEarly()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    reportCompressedSize: false, assetsInlineLimit: 0, emptyOutDir: true,
    ...(target === 'mp-alipay' ? { minify: 'esbuild' as const } : {}), // Alipay's own tool would, at the upload; here it is weighed as it is sent
    // On a slow line each file costs a round: what pages share is one.
    ...(target === 'h5' ? { rollupOptions: { output: { manualChunks: (id: string) => (/\/src\/(lib|api|components)\//.test(id) ? 'shared' : undefined) } } } : {}),
  },
  server: { host: '127.0.0.1', port: 5174, proxy: { '/v1': 'http://127.0.0.1:8080' } },
})
