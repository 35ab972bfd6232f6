// Each thing that mpcheck has to see is planted once.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { check } from './mpcheck.mjs'

const api = 'https://api.example.gov.cn'
const sound = {
  'app.json': '{"pages":["pages/home"],"usingComponents":{"ss-a":"/components/a"}}', 'app.js': 'wx.request({url:"https://api.example.gov.cn/v1/me"})', 'app.wxss': '',
  'pages/home.js': '', 'pages/home.json': '{"usingComponents":{"ss-b":"../components/b"}}', 'pages/home.wxml': '<view/>', 'pages/home.wxss': '',
  'components/a.js': '', 'components/a.json': '{}', 'components/a.wxml': '<view/>', 'components/b.js': '', 'components/b.json': '{}', 'components/b.wxml': '<view/>',
}

function found(changes) {
  const dir = mkdtempSync(join(tmpdir(), 'mpcheck-'))
  try {
    for (const [name, text] of Object.entries({ ...sound, ...changes })) {
      if (text === null) continue
      mkdirSync(join(dir, dirname(name)), { recursive: true })
      writeFileSync(join(dir, name), text)
    }
    return check('weixin', dir, api).wrong.join('\n')
  } finally {
    rmSync(dir, { recursive: true })
  }
}

test('a sound build is let through', () => assert.equal(found({}), ''))
for (const [what, changes, says] of [
  ['no app', { 'app.json': null }, 'holds no mini-program'],
  ['a page without a template', { 'pages/home.wxml': null }, 'pages/home.wxml is missing'],
  ['a component of a page that is not there', { 'components/b.js': null }, 'components/b.js is missing'],
  ['a component of the app that is not there', { 'components/a.json': null }, 'components/a.json is missing'],
  ['settings that are not JSON', { 'pages/home.json': '{' }, 'not JSON'],
  ['no page at all', { 'app.json': '{"pages":[]}' }, 'names no page'],
  ['a main package that is too large', { 'pages/home.js': ' '.repeat(501 * 1024) }, 'main package'],
  ['too much in all', { 'app.json': '{"pages":["pages/home"],"subPackages":[{"root":"more","pages":[]}],"usingComponents":{"ss-a":"/components/a"}}', 'more/large.js': ' '.repeat(2100 * 1024) }, 'all together'],
  ['somebody else\'s address', { 'pages/home.js': 'wx.request({url:"https://stat.example.com/x"})' }, 'an address of somebody else'],
  ['a picture from elsewhere', { 'app.wxss': 'a{background:url(//cdn.example.com/a.png)}' }, 'an address of somebody else'],
  ['a name that only begins like ours', { 'pages/home.js': '"https://api.example.gov.cn.evil.com/v1"' }, 'an address of somebody else'],
  ['one\'s own machine', { 'pages/home.js': '"http://127.0.0.1:8080"' }, 'one\'s own machine'],
  ['eval', { 'pages/home.js': 'eval("1")' }, 'eval'],
  ['code made of text', { 'pages/home.js': 'new Function("x")' }, 'code made of text'],
  ['the account\'s name and picture', { 'pages/home.js': 'wx.getUserProfile({})' }, 'name and picture'],
  ['a call nobody looked at', { 'pages/home.js': 'wx.startBluetooth()' }, 'wx.startBluetooth is not on the list'],
  ['a picture fetched in advance', { 'app.js': 'wx.preloadAssets({})' }, 'wx.preloadAssets is not on the list'],
  ['a word of courts', { 'pages/home.wxml': '<view>已冻结</view>' }, '冻结'],
  ['a file of no known kind', { 'pages/home.exe': '' }, 'what is it?'],
]) test(`it sees ${what}`, () => assert.ok(found(changes).includes(says), found(changes) || 'it saw nothing'))
