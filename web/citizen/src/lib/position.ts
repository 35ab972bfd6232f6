// Where one stands: asked for at a tap, told to the server for one answer, kept nowhere.
export interface Position { latitude: number; longitude: number; datum: 'gcj02' | 'wgs84' }

/** whereAmI is null where the phone does not tell, or its owner does not want to. */
export function whereAmI(): Promise<Position | null> {
  return new Promise((answer) => {
    // #ifdef H5
    if (!('geolocation' in navigator)) return answer(null)
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => answer({ latitude: coords.latitude, longitude: coords.longitude, datum: 'wgs84' }),
      () => answer(null),
      { timeout: 10_000, maximumAge: 60_000 },
    )
    // #endif
    // #ifndef H5
    uni.getLocation({ type: 'gcj02', success: (p) => answer({ latitude: p.latitude, longitude: p.longitude, datum: 'gcj02' }), fail: () => answer(null) })
    // #endif
  })
}

/** distance in words: 620米, 3.4公里. */
export const distance = (m: number): string => (m < 1000 ? `${m}米` : `${(m / 1000).toFixed(1)}公里`)
