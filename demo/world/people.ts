import type { Currency } from './money.ts';

/** How people of one locale are called and where they live. Names come with their spelling in an e-mail address. */
export interface Region {
  locale: string;
  currency: Currency;
  country: string;
  firstNames: readonly (readonly [name: string, ascii: string])[];
  lastNames: readonly (readonly [name: string, ascii: string])[];
  /** Digits are drawn for each `#`. */
  postalCode: string;
  phone: string;
  cities: readonly string[];
  streets: readonly string[];
  familyNameFirst?: true;
}

function plain(...names: string[]): (readonly [string, string])[] {
  return names.map((name) => [name, name.toLowerCase()] as const);
}

export const regions: readonly Region[] = [
  {
    locale: 'en-GB',
    currency: 'GBP',
    country: 'GB',
    firstNames: plain('Amelia', 'Oliver', 'Isla', 'Harry', 'Freya', 'Arthur', 'Poppy', 'Callum', 'Priya', 'Owen'),
    lastNames: plain('Hughes', 'Clarke', 'Patel', 'Wright', 'Bennett', 'Murray', 'Shaw', 'Okafor', 'Fletcher', 'Reid'),
    postalCode: 'BS# #QT',
    phone: '+44 7700 900###',
    cities: ['Bristol', 'Leeds', 'Edinburgh', 'Cardiff', 'Norwich'],
    streets: ['Mill Lane', 'Station Road', 'Victoria Terrace', 'Church Street', 'Harbour View'],
  },
  {
    locale: 'de-DE',
    currency: 'EUR',
    country: 'DE',
    firstNames: [
      ...plain('Lena', 'Jonas', 'Emma', 'Felix', 'Mia', 'Paul', 'Klara'),
      ['Jürgen', 'juergen'],
      ['Zoë', 'zoe'],
    ],
    lastNames: [
      ...plain('Schmidt', 'Wagner', 'Becker', 'Hoffmann', 'Krause'),
      ['Müller', 'mueller'],
      ['Weiß', 'weiss'],
    ],
    postalCode: '#####',
    phone: '+49 30 23125 ###',
    cities: ['Berlin', 'Hamburg', 'Köln', 'Leipzig', 'Freiburg'],
    streets: ['Lindenstraße', 'Am Markt', 'Gartenweg', 'Bergmannstraße', 'Schillerplatz'],
  },
  {
    locale: 'ja-JP',
    currency: 'JPY',
    country: 'JP',
    firstNames: [
      ['陽菜', 'hina'],
      ['蓮', 'ren'],
      ['結衣', 'yui'],
      ['大翔', 'hiroto'],
      ['美咲', 'misaki'],
      ['湊', 'minato'],
    ],
    lastNames: [
      ['佐藤', 'sato'],
      ['鈴木', 'suzuki'],
      ['高橋', 'takahashi'],
      ['田中', 'tanaka'],
      ['渡辺', 'watanabe'],
      ['伊藤', 'ito'],
    ],
    postalCode: '1##-00##',
    phone: '+81 3 5555 0###',
    cities: ['東京都渋谷区', '大阪市北区', '京都市中京区', '横浜市西区', '札幌市中央区'],
    streets: ['神南', '梅田', '寺町通', 'みなとみらい', '大通西'],
    familyNameFirst: true,
  },
  {
    locale: 'sv-SE',
    currency: 'SEK',
    country: 'SE',
    firstNames: [...plain('Elsa', 'Oscar', 'Alma', 'Hugo', 'Saga', 'Axel'), ['Åsa', 'asa'], ['Björn', 'bjorn']],
    lastNames: [
      ...plain('Andersson', 'Lindqvist', 'Berg', 'Nyman', 'Holm'),
      ['Sjöberg', 'sjoberg'],
      ['Åkesson', 'akesson'],
    ],
    postalCode: '### ##',
    phone: '+46 70 174 06 ##',
    cities: ['Stockholm', 'Göteborg', 'Malmö', 'Uppsala', 'Umeå'],
    streets: ['Storgatan', 'Kyrkogatan', 'Sveavägen', 'Björkvägen', 'Hamngatan'],
  },
  {
    locale: 'en-US',
    currency: 'USD',
    country: 'US',
    firstNames: plain('Ava', 'Liam', 'Sofia', 'Noah', 'Maya', 'Ethan', 'Zoe', 'Mateo', 'Grace', 'Jordan'),
    lastNames: plain('Johnson', 'Garcia', 'Nguyen', 'Miller', 'Brooks', 'Kim', 'Davis', 'Lopez', 'Hayes', 'Cohen'),
    postalCode: '9####',
    phone: '+1 202 555 01##',
    cities: ['Portland', 'Austin', 'Madison', 'Oakland', 'Richmond'],
    streets: ['Maple Avenue', 'Oak Street', '5th Avenue', 'Lakeview Drive', 'Cedar Court'],
  },
  {
    locale: 'fr-FR',
    currency: 'EUR',
    country: 'FR',
    firstNames: [
      ...plain('Louise', 'Gabriel', 'Alice', 'Jules', 'Manon'),
      ['Chloé', 'chloe'],
      ['Léo', 'leo'],
      ['Éva', 'eva'],
    ],
    lastNames: [...plain('Martin', 'Bernard', 'Dubois', 'Moreau', 'Laurent'), ['Lefèvre', 'lefevre'], ['Noël', 'noel']],
    postalCode: '69###',
    phone: '+33 1 99 00 ## ##',
    cities: ['Lyon', 'Nantes', 'Bordeaux', 'Lille', 'Rennes'],
    streets: ['rue de la Gare', 'avenue Jean Jaurès', 'rue des Lilas', 'place du Marché', 'quai Voltaire'],
  },
  {
    locale: 'es-ES',
    currency: 'EUR',
    country: 'ES',
    firstNames: [...plain('Carmen', 'Pablo', 'Marta', 'Javier', 'Elena'), ['Lucía', 'lucia'], ['Íñigo', 'inigo']],
    lastNames: [
      ...plain('Ortega', 'Romero', 'Navarro', 'Vidal'),
      ['García', 'garcia'],
      ['Muñoz', 'munoz'],
      ['Peña', 'pena'],
    ],
    postalCode: '28###',
    phone: '+34 612 34 5# ##',
    cities: ['Madrid', 'Valencia', 'Sevilla', 'Bilbao', 'Zaragoza'],
    streets: ['calle Mayor', 'calle del Sol', 'avenida de la Paz', 'plaza Nueva', 'calle Olmo'],
  },
  {
    locale: 'it-IT',
    currency: 'EUR',
    country: 'IT',
    firstNames: [...plain('Giulia', 'Lorenzo', 'Chiara', 'Matteo', 'Alessia'), ['Niccolò', 'niccolo']],
    lastNames: plain('Rossi', 'Ferrari', 'Bianchi', 'Greco', 'Conti', 'Marino', 'Costa'),
    postalCode: '401##',
    phone: '+39 06 5550 ###',
    cities: ['Bologna', 'Torino', 'Firenze', 'Napoli', 'Verona'],
    streets: ['via Roma', 'via Garibaldi', 'corso Italia', 'piazza Dante', 'via dei Mille'],
  },
];
