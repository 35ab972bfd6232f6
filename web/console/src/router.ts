// The router is made of pages.json; the server answers the same addresses. A page whose role one has not is not there.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import pages from './pages.json'
import { firstPage, onSessionEnd, openTo, session, type PageEntry } from './lib/session'

const views: Record<string, RouteRecordRaw['component']> = {
  login: () => import('./pages/LoginPage.vue'),
  call: () => import('./pages/CallPage.vue'),
  callbacks: () => import('./pages/CallBacksPage.vue'),
  orders: () => import('./pages/OrdersPage.vue'),
  enquiries: () => import('./pages/EnquiriesPage.vue'),
  misuse: () => import('./pages/MisusePage.vue'),
  held: () => import('./pages/HeldPage.vue'),
  differences: () => import('./pages/DifferencesPage.vue'),
  guardians: () => import('./pages/GuardiansPage.vue'),
  campaigns: () => import('./pages/CampaignsPage.vue'),
  board: () => import('./pages/BoardPage.vue'),
  quality: () => import('./pages/QualityPage.vue'),
  exports: () => import('./pages/ExportsPage.vue'),
  orderfiles: () => import('./pages/OrderFilesPage.vue'),
  policies: () => import('./pages/PoliciesPage.vue'),
  articles: () => import('./pages/ArticlesPage.vue'),
  account: () => import('./pages/AccountPage.vue'),
  signon: () => import('./pages/SignOnPage.vue'),
  audit: () => import('./pages/AuditPage.vue'),
  staff: () => import('./pages/StaffPage.vue'),
}

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    ...(pages as PageEntry[]).map((p): RouteRecordRaw => ({ path: p.path, name: p.name, component: views[p.name]!, meta: { title: p.title } })),
    { path: '/:rest(.*)*', redirect: () => firstPage.value },
  ],
})

let wanted = ''
/** afterLogIn is where to go: the page the session ended on, if it is open to whoever logged in. */
export function afterLogIn(): string {
  const open = openTo.value.some((p) => p.path === wanted)
  const to = open ? wanted : firstPage.value
  wanted = ''
  return to
}

router.beforeEach((to) => {
  if (to.name === 'login') return session.staff ? firstPage.value === '/login' || firstPage.value : true
  if (to.name === 'signon') return true
  if (!session.staff) {
    wanted = to.path
    return '/login'
  }
  return openTo.value.some((p) => p.path === to.path) || firstPage.value
})

router.afterEach((to) => {
  document.title = `${String(to.meta['title'] ?? '')} · 12333 坐席工作台`
})

onSessionEnd(() => {
  wanted = router.currentRoute.value.path
  void router.replace('/login')
})
