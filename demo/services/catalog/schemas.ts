import { nullable, objectOf, ref, type Schema, type Schemas } from '../schema.ts';
import { currencySchema, idSchema, instantSchema, moneySchema } from '../wire.ts';

const countSchema: Schema = { type: 'integer', minimum: 0 };
const quantitySchema: Schema = { type: 'integer', minimum: 1, maximum: 99 };

function linesOf(line: Schema): Schema {
  return { type: 'array', items: line, minItems: 1, maxItems: 50 };
}

export const catalogSchemas: Schemas = {
  Money: moneySchema,
  Image: objectOf({
    url: { type: 'string', format: 'uri' },
    width: { type: 'integer', minimum: 1 },
    height: { type: 'integer', minimum: 1 },
    alt: { type: 'string' },
    version: { type: 'string', description: 'Another one when the picture is another one.' },
  }),
  Product: objectOf({
    id: idSchema,
    sku: { type: 'string' },
    name: { type: 'string' },
    description: { type: 'string' },
    brand: { type: 'string' },
    categoryId: idSchema,
    prices: { type: 'array', items: ref('Money'), description: 'One for each currency that it is sold in.' },
    stock: objectOf({
      available: countSchema,
      status: { type: 'string', enum: ['in-stock', 'low-stock', 'out-of-stock'] },
    }),
    images: { type: 'array', items: ref('Image') },
    rating: objectOf({ average: { type: 'number', minimum: 0, maximum: 5 }, count: countSchema }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  }),
  Products: objectOf({ items: { type: 'array', items: ref('Product') } }),
  Category: objectOf({
    id: idSchema,
    name: { type: 'string' },
    parentId: nullable(idSchema),
    position: { type: 'integer' },
  }),
  Categories: objectOf({ items: { type: 'array', items: ref('Category') } }),
  SearchHit: objectOf({ productId: idSchema }),
  Facets: objectOf({
    categories: { type: 'array', items: objectOf({ categoryId: idSchema, count: countSchema }) },
    brands: { type: 'array', items: objectOf({ brand: { type: 'string' }, count: countSchema }) },
  }),
  QuoteRequest: objectOf({
    currency: currencySchema,
    lines: linesOf(objectOf({ productId: idSchema, quantity: quantitySchema })),
  }),
  Quote: objectOf({
    currency: currencySchema,
    lines: {
      type: 'array',
      items: objectOf({
        productId: idSchema,
        quantity: quantitySchema,
        unitPrice: nullable(ref('Money')),
        available: countSchema,
      }),
    },
  }),
  ReservationRequest: objectOf({
    orderId: idSchema,
    currency: currencySchema,
    lines: linesOf(objectOf({ productId: idSchema, quantity: quantitySchema, unitPrice: countSchema })),
  }),
  Reservation: objectOf({
    orderId: idSchema,
    currency: currencySchema,
    lines: {
      type: 'array',
      items: objectOf({
        productId: idSchema,
        name: { type: 'string' },
        quantity: quantitySchema,
        unitPrice: countSchema,
      }),
    },
  }),
};
