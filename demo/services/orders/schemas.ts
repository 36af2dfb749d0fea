import { nullable, objectOf, ref, type Schemas } from '../schema.ts';
import { currencySchema, idSchema, instantSchema, moneySchema } from '../wire.ts';

export const orderStatuses = ['pending', 'confirmed', 'shipped', 'delivered', 'cancelled'] as const;

export const orderSchemas: Schemas = {
  Money: moneySchema,
  Address: objectOf({
    id: idSchema,
    label: { type: 'string' },
    lines: { type: 'array', items: { type: 'string' } },
    city: { type: 'string' },
    postalCode: { type: 'string' },
    country: { type: 'string', pattern: '^[A-Z]{2}$' },
    isDefault: { type: 'boolean' },
  }),
  OrderLine: objectOf({
    lineId: idSchema,
    productId: idSchema,
    name: { type: 'string', description: 'As it was sold.' },
    quantity: { type: 'integer', minimum: 1 },
    unitPrice: ref('Money'),
  }),
  Order: objectOf({
    id: idSchema,
    userId: idSchema,
    status: { type: 'string', enum: orderStatuses },
    placedAt: instantSchema,
    updatedAt: instantSchema,
    estimatedDelivery: nullable(instantSchema),
    lines: { type: 'array', items: ref('OrderLine') },
    total: { ...ref('Money'), description: 'Shipping included.' },
    shipping: ref('Money'),
    shippingAddress: nullable(ref('Address')),
    tracking: nullable(objectOf({ carrier: { type: 'string' }, code: { type: 'string' } })),
  }),
  OrderList: objectOf({ userId: idSchema, items: { type: 'array', items: ref('Order') } }),
  NewOrder: objectOf({
    userId: idSchema,
    currency: currencySchema,
    lines: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: objectOf({
        productId: idSchema,
        quantity: { type: 'integer', minimum: 1, maximum: 99 },
        unitPrice: { type: 'integer', minimum: 0, description: 'What the buyer was shown, in minor units.' },
      }),
    },
  }),
};
