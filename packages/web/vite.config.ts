/** Builds the page into packages/hyper-store/web, from where a store serves it; `--outDir` puts it elsewhere. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  // The store that runs on this machine answers what is not of the page.
  server: { proxy: { '/api': 'http://127.0.0.1:3472', '/gateway': 'http://127.0.0.1:3472' } },
  build: {
    outDir: '../hyper-store/web',
    emptyOutDir: true,
    target: ['chrome111', 'firefox113', 'safari16.4'],
    // A data: address would be refused by the policy of the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
})
