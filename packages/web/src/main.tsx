/** Starts the page: look, session from the address, then the app. */
import '@fontsource-variable/inter/wght.css'
import './theme/tokens.css'
import './theme/base.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { startOffline } from './app/offline.ts'
import { takeProofFromAddress } from './live/session.ts'
import { startLook } from './theme/theme.ts'

startLook()
startOffline()
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no root')
createRoot(root).render(<App proof={takeProofFromAddress()} />)
